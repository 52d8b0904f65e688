import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BlockedStock as Blocked, LowQuotaOrder, TopBuyer, UndeliverableBuyer } from '@/api/schema';
import { QuotaBar } from '@/features/orders/QuotaBar';
import { LeadStatusPill } from '@/features/leads/status';
import { formatNumber } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';

export function TopBuyers({ rows, week }: { rows: readonly TopBuyer[]; week: string }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('cockpit.noDelivery')}>{t('cockpit.noDeliveryAbout')}</Empty>;
  return (
    <table className="plain">
      <thead><tr><th>{t('common.buyer')}</th><th className="end">{t('buyers.sent')}</th><th className="end">{t('deliveries.billable')}</th><th className="end">{t('deliveries.outcome.rejected')}</th><th className="end">{t('deliveries.status.failed')}</th><th className="end">{t('cockpit.ready')}</th></tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.buyer_id}>
            <td><Link to="/deliveries" search={{ buyer: row.buyer_id, week }}>{row.name}</Link></td>
            {(['sent', 'billable', 'rejected', 'failed', 'ready'] as const).map((figure) => <td key={figure} className="end">{formatNumber(row[figure])}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Undeliverable({ rows }: { rows: readonly UndeliverableBuyer[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('cockpit.allDeliverable')} />;
  return (
    <table className="plain">
      <tbody>
        {rows.map((row) => (
          <tr key={row.buyer_id}>
            <td><Link to="/buyers/$buyerId" params={{ buyerId: row.buyer_id }}>{row.name}</Link></td>
            <td>{row.entity}</td>
            <td><Pill tone="bad">{t(`buyers.undeliverable.${row.reason as 'no_valid_channel'}`, { defaultValue: row.reason })}</Pill></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function LowQuota({ rows }: { rows: readonly LowQuotaOrder[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('cockpit.roomEverywhere')} />;
  return (
    <table className="plain">
      <tbody>
        {rows.map((row) => (
          <tr key={row.order_id}>
            <td><Link to="/orders/$orderId" params={{ orderId: row.order_id }}>{row.buyer_name} · {row.product}</Link></td>
            <td style={{ width: '8.5rem' }}><QuotaBar used={row.quota - row.remaining} quota={row.quota} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function BlockedStock({ rows }: { rows: readonly Blocked[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('cockpit.noBlocked')} />;
  return (
    <table className="plain">
      <thead><tr><th>{t('common.status')}</th><th>{t('common.entity')}</th><th>{t('common.product')}</th><th className="end">{t('nav.leads')}</th></tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.entity} ${row.product} ${row.status}`}>
            <td><Link to="/leads" search={{ status: row.status, ...(row.product && { product: row.product }) }}><LeadStatusPill status={row.status} /></Link></td>
            <td>{row.entity ?? '–'}</td>
            <td>{row.product ?? '–'}</td>
            <td className="end">{formatNumber(row.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
