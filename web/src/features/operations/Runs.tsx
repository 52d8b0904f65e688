import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { RunView } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import type { OperationSearch } from './OperationsPage';

/** What has run, how long it took and what came of it. */
export function Runs({ kind }: { kind: string | undefined }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<OperationSearch>();
  const schedules = api.useQuery('get', '/api/operations/schedules', {});
  const runs = api.useInfiniteQuery('get', '/api/operations/runs', { params: { query: kind ? { kind } : {} } }, BY_CURSOR);
  // What a link asks for need not be a schedule.
  const kinds = [...new Set([...(schedules.data ?? []).map(({ name }) => name), ...(kind ? [kind] : [])])];
  const columns = useMemo<Column<RunView>[]>(
    () => [
      { id: 'kind', header: t('operations.kind'), width: 'minmax(9rem, 1fr)', cell: (run) => <strong>{run.kind}</strong> },
      { id: 'status', header: t('common.status'), width: '7rem', cell: (run) => <Pill tone={run.status === 'success' ? 'good' : 'bad'}>{t(run.status === 'success' ? 'operations.success' : 'operations.failure')}</Pill> },
      { id: 'took', header: t('operations.took'), width: '5rem', align: 'end', cell: (run) => `${new Date(run.finished_at).getTime() - new Date(run.started_at).getTime()} ms` },
      { id: 'result', header: t('operations.result'), width: 'minmax(9rem, 2fr)', wide: true, cell: (run) => run.error ?? (run.result ? <span className="mono">{JSON.stringify(run.result)}</span> : null) },
      { id: 'at', header: t('operations.started'), width: '8rem', wide: true, cell: (run) => <span className="num">{formatInstant(run.started_at)}</span> },
    ],
    [t],
  );
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <FilterSelect label={t('operations.kind')} value={kind} options={kinds.map((name) => ({ value: name, label: name }))} onChange={(value) => patch({ kind: value })} width={220} />
      </Toolbar>
      <DataTable name="runs" label={t('operations.tabs.runs')} columns={columns} pages={runs} rowId={(run) => run.id} empty={<Empty title={t('operations.noRun')} />} />
    </>
  );
}
