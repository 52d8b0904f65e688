import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BuyerBalance, RecordView } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import { PrepaidPill } from './status';

/** What buyers paid for in advance: what went out this week, and what is left now. */
export function PrepaidTable({ rows, balances }: { rows: readonly RecordView[]; balances: readonly BuyerBalance[] }) {
  const { t } = useTranslation();
  const sent = (one: BuyerBalance) => rows.filter((row) => row.buyer_id === one.buyer_id && row.product === one.product).reduce((sum, row) => sum + row.units_billable, 0);
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>{t('common.buyer')}</th><th>{t('common.product')}</th>
          <th className="end">{t('billing.sentThisWeek')}</th><th className="end">{t('billing.held')}</th><th className="end">{t('billing.delivered')}</th>
          <th className="end">{t('billing.purchased')}</th><th className="end">{t('billing.remaining')}</th><th>{t('common.status')}</th>
        </tr>
      </thead>
      <tbody>
        {balances.map((one) => (
          <tr key={`${one.buyer_id} ${one.product}`}>
            <td><Link to="/buyers/$buyerId" params={{ buyerId: one.buyer_id }} search={{ tab: 'pricing' }}>{one.buyer_name}</Link></td>
            <td>{one.product}</td>
            <td className="end">{formatNumber(sent(one))}</td>
            <td className="end">{formatNumber(one.held)}</td>
            <td className="end">{formatNumber(one.delivered)}</td>
            <td className="end">{formatNumber(one.purchased)}</td>
            <td className="end"><strong>{formatNumber(one.remaining)}</strong></td>
            <td><PrepaidPill status={one.status} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
