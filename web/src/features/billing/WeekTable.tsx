import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordView } from '@/api/schema';
import { formatMoney, formatNumber, formatPercent } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { RecordPill } from './status';
import { TrackRecord } from './TrackRecord';

/** The records of a week: who owes what for which product, and where its invoice stands. */
export function WeekTable({ rows }: { rows: readonly RecordView[] }) {
  const { t } = useTranslation();
  const [tracked, setTracked] = useState<RecordView>();
  return (
    <>
      <table className="plain">
        <thead>
          <tr>
            <th>{t('common.buyer')}</th><th>{t('common.product')}</th>
            <th className="end">{t('billing.billable')}</th><th className="end">{t('billing.free')}</th><th className="end">{t('billing.invoiced')}</th>
            <th className="end">{t('billing.unitPrice')}</th><th className="end">{t('billing.discount')}</th>
            <th className="end">{t('billing.net')}</th><th className="end">{t('billing.vat')}</th><th className="end">{t('billing.gross')}</th>
            <th>{t('common.status')}</th><th>{t('billing.invoice')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id ?? `${row.order_id} ${row.position}`}>
              <td><Link to="/buyers/$buyerId" params={{ buyerId: row.buyer_id }}>{row.buyer_name}</Link></td>
              <td><Link to="/orders/$orderId" params={{ orderId: row.order_id }}>{row.product}</Link></td>
              <td className="end"><Units record={row} /></td>
              <td className="end">{row.units_free > 0 ? formatNumber(row.units_free) : '–'}</td>
              <td className="end">{formatNumber(row.units_invoiced)}</td>
              <td className="end">{row.pricing_missing ? <Link to="/buyers/$buyerId" params={{ buyerId: row.buyer_id }} search={{ tab: 'pricing' }}><Pill tone="bad">{t('billing.noPrice')}</Pill></Link> : formatMoney(row.unit_price)}</td>
              <td className="end">{Number(row.discount_pct) === 0 ? '–' : formatPercent(row.discount_pct)}</td>
              <td className="end">{formatMoney(row.net)}</td>
              <td className="end">{formatMoney(row.vat)}</td>
              <td className="end"><strong>{formatMoney(row.gross)}</strong></td>
              <td><RecordPill status={row.status} /></td>
              <td><InvoiceOf record={row} onTrack={() => setTracked(row)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {tracked && <TrackRecord record={tracked} onClose={() => setTracked(undefined)} />}
    </>
  );
}

/** The billable units, which open the deliveries they are: those of the record once it is built. */
function Units({ record }: { record: RecordView }) {
  const units = formatNumber(record.units_billable);
  if (record.id !== null && record.id !== undefined) return <Link to="/billing/records/$recordId" params={{ recordId: record.id }}>{units}</Link>;
  return <Link to="/deliveries" search={{ order: record.order_id, week: record.week, status: 'sent', outcome: 'accepted' }}>{units}</Link>;
}

/** The invoice made here; or the number of one made elsewhere, which can be followed. */
export function InvoiceOf({ record, onTrack }: { record: RecordView; onTrack: () => void }) {
  const { t } = useTranslation();
  if (record.document_id) return <Link to="/invoices/$documentId" params={{ documentId: record.document_id }}>{t('billing.openInvoice')}</Link>;
  if (!record.can.includes('track')) return <>{record.external_invoice_number ?? '–'}</>;
  return <Button variant="subtle" size="compact-xs" onClick={onTrack}>{record.external_invoice_number ?? t('billing.track')}</Button>;
}
