import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CoverageStatus, OverviewRow } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import { Pill, type Tone } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import { type Column, onePage } from '@/ui/table/model';

const TONES: Record<CoverageStatus, Tone> = { on_remaining: 'good', saturated: 'warn', inactive_blocked: 'bad', no_order: 'neutral' };

export function CoveragePill({ status }: { status: CoverageStatus }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`departements.status.${status}`)}</Pill>;
}

/** A change against the period before: up is good, down is bad. */
function Delta({ percent }: { percent: string }) {
  const value = Number(percent);
  if (value === 0) return <span className="muted">–</span>;
  return <span style={{ color: value > 0 ? 'var(--good)' : 'var(--bad)' }}>{value > 0 ? '+' : ''}{value.toLocaleString()} %</span>;
}

export function PlaceTable({ rows, onOpen }: { rows: readonly OverviewRow[]; onOpen: (departement: string) => void }) {
  const { t } = useTranslation();
  const columns = useMemo<Column<OverviewRow>[]>(
    () => [
      { id: 'place', header: t('common.departement'), width: 'minmax(5.5rem, 1.4fr)', cell: (row) => `${row.departement} ${row.name}` },
      { id: 'product', header: t('common.product'), width: '3.5rem', cell: (row) => row.product },
      { id: 'produced', header: t('departements.by.produced'), width: '3.25rem', align: 'end', cell: (row) => formatNumber(row.produced) },
      { id: 'delta', header: t('departements.delta'), width: '5rem', align: 'end', wide: true, cell: (row) => <Delta percent={row.delta_pct} /> },
      { id: 'billable', header: t('departements.by.billable'), width: '5rem', align: 'end', wide: true, cell: (row) => formatNumber(row.billable) },
      { id: 'quota', header: t('orders.quota'), width: '4rem', align: 'end', wide: true, cell: (row) => formatNumber(row.quota) },
      { id: 'remaining', header: t('departements.by.remaining'), width: '5rem', align: 'end', wide: true, cell: (row) => (row.remaining < 0 ? '∞' : formatNumber(row.remaining)) },
      { id: 'status', header: t('common.status'), width: '7.5rem', cell: (row) => <CoveragePill status={row.status} /> },
    ],
    [t],
  );
  const pages = onePage({ data: rows, error: null, isPending: false, isError: false, refetch: () => undefined });
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '36rem' }}>
      <DataTable name="departements" bare label={t('departements.title')} columns={columns} pages={pages} rowId={(row) => `${row.departement} ${row.product}`} onOpen={(row) => onOpen(row.departement)} empty={<Empty title={t('departements.empty')}>{t('departements.emptyAbout')}</Empty>} />
    </div>
  );
}
