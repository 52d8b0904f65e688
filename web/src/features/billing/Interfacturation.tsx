import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { InterfacturationRow } from '@/api/schema';
import { TransferPill } from '@/features/intercompany/status';
import { formatMoney, formatNumber } from '@/lib/format';
import { Pill } from '@/ui/layout';

/** What entities owe each other for leads of the week. */
export function Interfacturation({ week, rows }: { week: string; rows: readonly InterfacturationRow[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>{t('billing.owed')}</th><th>{t('billing.owes')}</th><th>{t('common.product')}</th>
          <th className="end">{t('billing.unitsShort')}</th><th className="end">{t('billing.unitPrice')}</th><th className="end">{t('billing.net')}</th><th>{t('common.status')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.from} ${row.to} ${row.product} ${row.status} ${row.unit_price_ht}`}>
            <td><Link to="/intercompany" search={{ week, direction: `${row.from}->${row.to}`, status: row.status }}>{row.from}</Link></td>
            <td>{row.to}</td>
            <td>{row.product}</td>
            <td className="end">{formatNumber(row.units)}</td>
            <td className="end">{row.unit_price_ht ? formatMoney(row.unit_price_ht) : <Pill tone="bad">{t('billing.noPrice')}</Pill>}</td>
            <td className="end">{row.amount ? formatMoney(row.amount) : '–'}</td>
            <td><TransferPill status={row.status} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
