import { Link, type LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

/** Where what an entry comes from is shown, by its kind. */
const PLACES: Record<string, (id: string) => LinkProps> = {
  document: (id) => ({ to: '/invoices/$documentId', params: { documentId: id } }),
  payment: (id) => ({ to: '/payments/$paymentId', params: { paymentId: id } }),
  bank_line: (id) => ({ to: '/bank/lines/$lineId', params: { lineId: id } }),
  reversal: (id) => ({ to: '/ledger/entries/$entryId', params: { entryId: id } }),
};

/** Every kind that an entry names as its source. */
const SOURCES = ['document', 'payment', 'bank_line', 'allocation', 'reversal', 'opening', 'year_close', 'manual'] as const;

/** What an entry comes from: a link where that has a page. */
export function SourceLink({ kind, id, text }: { kind: string; id: string; text?: string }) {
  const { t } = useTranslation();
  const known = SOURCES.find((one) => one === kind);
  const words = text !== undefined && text !== '' ? text : known ? t(`books.source.${known}`) : kind;
  const place = PLACES[kind];
  return place ? <Link {...place(id)} tabIndex={-1}>{words}</Link> : <span>{words}</span>;
}

export function PartyLink({ id, name }: { id: string | null | undefined; name: string | null | undefined }) {
  if (!id) return <>{name ?? ''}</>;
  return <Link to="/parties/$partyId" params={{ partyId: id }} tabIndex={-1}>{name ?? id}</Link>;
}
