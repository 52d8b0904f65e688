import { TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BillingMonth, BillingRecordStatus } from '@/api/schema';
import { today } from '@/lib/day';
import { formatMoney, formatNumber } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Figure, Figures, Panel, Pill, Stack, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { type BillingSearch, useBillingMonth } from './queries';
import { RecordPill } from './status';

/** A month of billing by buyer and product: each unit in the month in which it was sent. */
export function MonthView({ search }: { search: BillingSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<BillingSearch>();
  const month = search.month ?? today().slice(0, 7);
  const data = useBillingMonth(month);
  return (
    <Stack>
      <Toolbar label={t('leads.filters')}>
        <TextInput type="month" aria-label={t('billing.month')} value={month} onChange={(event) => event.currentTarget.value !== '' && patch({ month: event.currentTarget.value })} />
        {data.data?.is_preview && <Pill tone="warn">{t('billing.monthPreview')}</Pill>}
      </Toolbar>
      <Loaded query={data} height={420}>{(summary) => <Sheet summary={summary} month={month} />}</Loaded>
    </Stack>
  );
}

function Sheet({ summary, month }: { summary: BillingMonth; month: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Figures money>
        <Figure label={t('billing.billable')} value={formatNumber(summary.units_billable)} />
        <Figure label={t('billing.beforeDiscount')} value={formatMoney(summary.before_discount)} />
        <Figure label={t('billing.net')} value={formatMoney(summary.net)} to={{ to: '/billing', search: { tab: 'records', month } }} />
        <Figure label={t('billing.vat')} value={formatMoney(summary.vat)} />
        <Figure label={t('billing.gross')} value={formatMoney(summary.gross)} />
      </Figures>
      <Panel title={t('billing.byBuyer')} flush>
        {summary.rows.length === 0 ? <Empty title={t('billing.nothing')}>{t('billing.nothingAbout')}</Empty> : (
          <table className="plain">
            <thead>
              <tr>
                <th>{t('common.buyer')}</th><th>{t('common.product')}</th>
                <th className="end">{t('billing.billable')}</th><th className="end">{t('billing.free')}</th><th className="end">{t('billing.invoiced')}</th>
                <th className="end">{t('billing.net')}</th><th className="end">{t('billing.vat')}</th><th className="end">{t('billing.gross')}</th><th>{t('common.status')}</th>
              </tr>
            </thead>
            <tbody>
              {summary.rows.map((row) => (
                <tr key={`${row.buyer_id} ${row.product}`}>
                  <td><Link to="/buyers/$buyerId" params={{ buyerId: row.buyer_id }}>{row.buyer_name}</Link></td>
                  <td>{row.product}</td>
                  <td className="end"><Link to="/billing" search={{ tab: 'records', month, buyer: row.buyer_id, product: row.product }}>{formatNumber(row.units_billable)}</Link></td>
                  <td className="end">{row.units_free > 0 ? formatNumber(row.units_free) : '–'}</td>
                  <td className="end">{formatNumber(row.units_invoiced)}</td>
                  <td className="end">{formatMoney(row.net)}</td>
                  <td className="end">{formatMoney(row.vat)}</td>
                  <td className="end"><strong>{formatMoney(row.gross)}</strong></td>
                  <td><RecordPill status={row.status as BillingRecordStatus} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </>
  );
}
