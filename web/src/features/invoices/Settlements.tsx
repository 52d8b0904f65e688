import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentDetail, DocumentView, SettlementView } from '@/api/schema';
import { api } from '@/api/client';
import { formatDay, formatMoney } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import { DocumentPill, useDocumentName } from './status';

/** What settles a document or what it settles, and what it was made from or became: each leads there. */
export function Settlements({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const made = api.useQuery('get', '/api/documents', { params: { query: { of: document.id, limit: 50 } } });
  const { settlements, used_for: usedFor } = document;
  return (
    <>
      {settlements.length > 0 && <Panel title={t('invoices.settledBy')} flush><SettlementTable rows={settlements} currency={document.currency} name={(row) => <By row={row} />} /></Panel>}
      {usedFor.length > 0 && <Panel title={t('invoices.usedFor')} flush><SettlementTable rows={usedFor} currency={document.currency} name={(row) => <For row={row} />} /></Panel>}
      {(made.data?.items.length ?? 0) > 0 && (
        <Panel title={t('invoices.madeOf')} flush>
          <table className="plain">
            <tbody>{made.data?.items.map((one) => <Made key={one.id} document={one} />)}</tbody>
          </table>
        </Panel>
      )}
    </>
  );
}

export function SettlementTable({ rows, currency, name }: { rows: readonly SettlementView[]; currency: string; name: (row: SettlementView) => ReactNode }) {
  const { t } = useTranslation();
  return (
    <table className="plain">
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} style={row.released_on ? { color: 'var(--muted)' } : undefined}>
            <td>{name(row)}</td>
            <td className="num">{formatDay(row.made_on)}</td>
            <td>{row.released_on && <Pill tone="warn" title={row.release_reason}>{t('invoices.releasedOn', { day: formatDay(row.released_on) })}</Pill>}</td>
            <td className="end" style={row.released_on ? { textDecoration: 'line-through' } : undefined}>{formatMoney(row.amount, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function By({ row }: { row: SettlementView }) {
  const { t } = useTranslation();
  if (row.payment_id) return <Link to="/payments/$paymentId" params={{ paymentId: row.payment_id }}>{t('payments.by', { method: t(`payments.method.${row.method ?? 'other'}`) })}</Link>;
  return <Link to="/invoices/$documentId" params={{ documentId: row.credit_note_id ?? '' }}>{row.credit_note_number ?? t('invoices.kind.credit_note')}</Link>;
}

/** The document that a payment or a credit note settles. */
export function For({ row }: { row: SettlementView }) {
  const { t } = useTranslation();
  return <Link to="/invoices/$documentId" params={{ documentId: row.document_id }}>{row.document_number ?? t('invoices.kind.invoice')}</Link>;
}

function Made({ document }: { document: DocumentView }) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  return (
    <tr>
      <td><Link to="/invoices/$documentId" params={{ documentId: document.id }}>{nameOf(document)}</Link></td>
      <td>{t(`invoices.kind.${document.kind}`)}</td>
      <td><DocumentPill document={document} /></td>
      <td className="end">{formatMoney(document.gross, document.currency)}</td>
    </tr>
  );
}
