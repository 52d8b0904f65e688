import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useProducts } from '@/app/catalogue';
import { useBuyerChoices } from '@/features/buyers/queries';
import { formatMoney, formatNumber, formatPercent, formatWeekShort } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { FilterSelect } from '@/ui/filters';
import { Stack, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { WeekPicker } from '@/ui/WeekPicker';
import { BILLING_MODES, type BillingSearch, RECORD_STATUSES, exportRecords, useBillingWeek, useRecords } from './queries';
import { RecordPill } from './status';

/** The records of every built week. */
export function RecordsView({ search }: { search: BillingSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<BillingSearch>();
  const current = useBillingWeek(undefined).data?.week;
  return (
    <Stack>
      <Toolbar label={t('leads.filters')}>
        <WeekPicker clearable week={search.week} current={current} onChange={(week) => patch({ week, month: undefined })} />
        <FilterSelect label={t('common.buyer')} value={search.buyer} options={useBuyerChoices()} onChange={(buyer) => patch({ buyer })} width={200} />
        <FilterSelect label={t('common.product')} value={search.product} options={useProducts()} onChange={(product) => patch({ product })} />
        <FilterSelect label={t('common.status')} value={search.status} options={RECORD_STATUSES.map((value) => ({ value, label: t(`billing.record.${value}`) }))} onChange={(status) => patch({ status })} />
        <FilterSelect label={t('billing.mode')} value={search.mode} options={BILLING_MODES.map((value) => ({ value, label: t(`billing.modes.${value}`) }))} onChange={(mode) => patch({ mode })} />
      </Toolbar>
      <RecordTable search={search} />
    </Stack>
  );
}

export function RecordTable({ search, bare = false }: { search: BillingSearch; bare?: boolean }) {
  const { t } = useTranslation();
  const scope = useScope();
  const navigate = useNavigate();
  const columns = useMemo<Column<RecordView>[]>(
    () => [
      { id: 'buyer', header: t('common.buyer'), width: 'minmax(8rem, 1.4fr)', cell: (row) => <Link to="/billing/records/$recordId" params={{ recordId: row.id ?? '' }} tabIndex={-1}>{row.buyer_name}</Link> },
      { id: 'week', header: t('billing.weekOf'), width: '5.5rem', cell: (row) => formatWeekShort(row.week) },
      { id: 'product', header: t('common.product'), width: '4.5rem', cell: (row) => row.product },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, hidden: bare, cell: (row) => row.entity },
      { id: 'units', header: t('billing.invoiced'), width: '6rem', align: 'end', wide: true, cell: (row) => formatNumber(row.units_invoiced) },
      { id: 'price', header: t('billing.unitPrice'), width: '7rem', align: 'end', wide: true, cell: (row) => formatMoney(row.unit_price) },
      { id: 'discount', header: t('billing.discount'), width: '5rem', align: 'end', wide: true, hidden: true, cell: (row) => formatPercent(row.discount_pct) },
      { id: 'net', header: t('billing.net'), width: '7rem', align: 'end', wide: true, cell: (row) => formatMoney(row.net) },
      { id: 'gross', header: t('billing.gross'), width: '7rem', align: 'end', cell: (row) => formatMoney(row.gross) },
      { id: 'status', header: t('common.status'), width: '8rem', wide: true, cell: (row) => <RecordPill status={row.status} /> },
    ],
    [t, bare],
  );
  return (
    <DataTable
      name="billing-records"
      label={t('billing.tabs.records')}
      columns={columns}
      pages={useRecords(search)}
      rowId={(row) => row.id ?? ''}
      onOpen={(row) => void navigate({ to: '/billing/records/$recordId', params: { recordId: row.id ?? '' } })}
      empty={<Empty title={t('billing.noRecords')}>{t('billing.noRecordsAbout')}</Empty>}
      foot={!bare && <ExportButton name={t('billing.tabs.records')} open={(signal) => exportRecords(search, scope, signal)} />}
      grow
      bare={bare}
    />
  );
}
