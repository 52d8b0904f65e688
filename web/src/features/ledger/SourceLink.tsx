import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

/** Where what an entry comes from is shown, by its kind. */
const PLACES: Record<string, (id: string) => string> = {
  document: (id) => `/invoices/${id}`,
  payment: (id) => `/payments/${id}`,
  bank_line: (id) => `/bank/lines/${id}`,
  reversal: (id) => `/ledger/entries/${id}`,
};

/** Every kind that an entry names as its source. */
const SOURCES = ['document', 'payment', 'bank_line', 'allocation', 'reversal', 'opening', 'year_close', 'manual'] as const;

/** What an entry comes from: a link where that has a page. */
export function SourceLink({ kind, id, text }: { kind: string; id: string; text?: string }) {
  const { t } = useTranslation();
  const known = SOURCES.find((one) => one === kind);
  const words = text !== undefined && text !== '' ? text : known ? t(`books.source.${known}`) : kind;
  const place = PLACES[kind];
  // Some of these pages are of other parts of the console.
  return place ? <Link to={place(id) as '/'} tabIndex={-1}>{words}</Link> : <span>{words}</span>;
}

export function PartyLink({ id, name }: { id: string | null | undefined; name: string | null | undefined }) {
  if (!id) return <>{name ?? ''}</>;
  return <Link to={`/parties/${id}` as '/'} tabIndex={-1}>{name ?? id}</Link>;
}
