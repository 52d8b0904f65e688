import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { OverdueCustomer, OverdueTotal } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatDay, formatMoney, formatNumber } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { Figure, Figures, Panel } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import { type Column, onePage } from '@/ui/table/model';

/** What is due and not paid: how much, since when, and by whom. */
export function Overdue() {
  const { t } = useTranslation();
  const query = api.useQuery('get', '/api/invoices/overdue-dashboard', { params: { query: { entity: useScope() } } });
  return (
    <Loaded query={query} height={420}>
      {({ customers, totals, invoices }) =>
        customers.length === 0 ? (
          <Panel><Empty title={t('invoices.overdue.none')}>{t('invoices.overdue.noneAbout')}</Empty></Panel>
        ) : (
          <>
            {totals.map((total) => <Ages key={total.currency} total={total} invoices={totals.length === 1 ? invoices : undefined} />)}
            <Panel title={t('invoices.overdue.byCustomer')} flush><Customers customers={customers} pages={onePage({ ...query, data: customers })} /></Panel>
          </>
        )
      }
    </Loaded>
  );
}

/** What is open in one currency, by how long it has been due. */
function Ages({ total, invoices }: { total: OverdueTotal; invoices: number | undefined }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, total.currency);
  const [young = '0', middle = '0', old = '0'] = total.ages;
  const ages = [[t('invoices.overdue.young'), young], [t('invoices.overdue.middle'), middle], [t('invoices.overdue.old'), old]] as const;
  return (
    <>
      <Figures>
        <Figure label={t('invoices.overdue.balance')} value={money(total.balance)} {...(invoices !== undefined && { note: t('invoices.count.invoices', { count: invoices }) })} to={{ to: '/invoices', search: { status: 'overdue' } }} />
        {ages.map(([label, amount]) => <Figure key={label} label={label} value={money(amount)} />)}
      </Figures>
      <Panel title={t('invoices.overdue.ages', { currency: total.currency })}>
        <WeekBars
          label={t('invoices.overdue.ages', { currency: total.currency })}
          rows={ages.map(([label, amount]) => ({ label, amount }))}
          series={[{ name: 'amount', label: t('invoices.overdue.balance'), tone: 'bad', tones: ['warn', 'warn', 'bad'] }]}
          format={money}
          height={180}
        />
      </Panel>
    </>
  );
}

function Customers({ customers, pages }: { customers: readonly OverdueCustomer[]; pages: ReturnType<typeof onePage<OverdueCustomer>> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <DataTable
      name="overdue"
      label={t('invoices.overdue.byCustomer')}
      columns={useColumns()}
      pages={pages}
      rowId={(row) => `${row.party_id} ${row.entity} ${row.currency}`}
      onOpen={(row) => void navigate({ to: '/invoices', search: { status: 'overdue', customer: row.party_id } })}
      empty={formatNumber(customers.length)}
      grow
      bare
    />
  );
}

function useColumns(): Column<OverdueCustomer>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const age = (at: number) => (row: OverdueCustomer) => {
      const amount = row.ages[at] ?? '0';
      return Number(amount) === 0 ? <span className="muted">–</span> : formatMoney(amount, row.currency);
    };
    return [
      { id: 'customer', header: t('invoices.customer'), width: 'minmax(9rem, 1.5fr)', cell: (row) => <Link to="/invoices" search={{ status: 'overdue', customer: row.party_id }} tabIndex={-1}>{row.party_name}</Link> },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, cell: (row) => row.entity },
      { id: 'count', header: t('invoices.title'), width: '5rem', align: 'end', wide: true, cell: (row) => formatNumber(row.invoices) },
      { id: 'oldest', header: t('invoices.overdue.oldest'), width: '8rem', wide: true, cell: (row) => <span className="num">{formatDay(row.oldest_due_on)}</span> },
      { id: 'late', header: t('invoices.overdue.late'), width: '5.5rem', align: 'end', wide: true, cell: (row) => t('parties.days', { count: row.days_late }) },
      { id: 'young', header: t('invoices.overdue.young'), width: '7.5rem', align: 'end', wide: true, cell: age(0) },
      { id: 'middle', header: t('invoices.overdue.middle'), width: '7.5rem', align: 'end', wide: true, cell: age(1) },
      { id: 'old', header: t('invoices.overdue.old'), width: '7.5rem', align: 'end', wide: true, cell: age(2) },
      { id: 'balance', header: t('invoices.balance'), width: '7.5rem', align: 'end', cell: (row) => <strong>{formatMoney(row.balance, row.currency)}</strong> },
    ];
  }, [t]);
}
