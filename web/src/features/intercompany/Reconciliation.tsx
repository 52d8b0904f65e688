import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Reconciled } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatMoney, formatNumber } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';

/** The two sides of what entities invoiced each other in a week: what was transferred, sold in one book and bought in the other. */
export function Reconciliation({ week }: { week: string | undefined }) {
  const { t } = useTranslation();
  const sides = api.useQuery('get', '/api/intercompany/reconciliation', { params: { query: { entity: useScope(), ...(week && { week }) } } });
  return (
    <Loaded query={sides} height={240}>
      {(rows) => (
        <Panel flush>
          {rows.length === 0 ? <Empty title={t('intercompany.none')}>{t('intercompany.noneAbout')}</Empty> : (
            <table className="plain">
              <thead>
                <tr>
                  <th>{t('intercompany.direction')}</th><th className="end">{t('intercompany.transferred')}</th><th className="end">{t('intercompany.sold')}</th>
                  <th className="end">{t('intercompany.bought')}</th><th className="end">{t('intercompany.waiting')}</th><th>{t('intercompany.verdict')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={`${row.from} ${row.to}`}>
                    <td>{row.from} → {row.to}</td>
                    <td className="end"><Link to="/intercompany" search={{ ...(week && { week }), direction: `${row.from}->${row.to}`, status: 'invoiced' }}>{formatMoney(row.transfers)}</Link></td>
                    <td className="end"><Link to="/intercompany" search={{ tab: 'invoices', ...(week && { week }), direction: `${row.from}->${row.to}` }}>{formatMoney(row.sales)}</Link></td>
                    <td className="end">{formatMoney(row.purchases)}</td>
                    <td className="end"><Link to="/intercompany" search={{ ...(week && { week }), direction: `${row.from}->${row.to}`, status: 'pending' }}>{formatNumber(row.pending)}</Link></td>
                    <td><Verdict row={row} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Panel>
      )}
    </Loaded>
  );
}

function Verdict({ row }: { row: Reconciled }) {
  const { t } = useTranslation();
  if (row.agrees === null || row.agrees === undefined) return <Pill title={t('intercompany.oneSideAbout')}>{t('intercompany.oneSide')}</Pill>;
  return <Pill tone={row.agrees ? 'good' : 'bad'}>{t(row.agrees ? 'intercompany.agrees' : 'intercompany.differs')}</Pill>;
}
