import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { JobState, JobView } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Pill, type Tone, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { JobDrawer } from './JobDrawer';
import { RequeueAll } from './RequeueAll';
import type { OperationSearch } from './OperationsPage';

const TONES: Record<JobState, Tone> = { queued: 'info', running: 'violet', done: 'good', dead: 'bad' };
const STATES = Object.keys(TONES) as JobState[];

export function JobPill({ state }: { state: JobState }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[state]}>{t(`operations.state.${state}`)}</Pill>;
}

/** Jobs; the dead ones wait for a person. */
export function Jobs({ state, job }: { state: string | undefined; job: string | undefined }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<OperationSearch>();
  const known = STATES.find((one) => one === state);
  const jobs = api.useInfiniteQuery('get', '/api/operations/jobs', { params: { query: known ? { state: known } : {} } }, BY_CURSOR);
  const columns = useMemo<Column<JobView>[]>(
    () => [
      { id: 'kind', header: t('operations.kind'), width: 'minmax(9rem, 1fr)', cell: (one) => <strong>{one.kind}</strong> },
      { id: 'state', header: t('common.status'), width: '7rem', cell: (one) => <JobPill state={one.state} /> },
      { id: 'attempts', header: t('deliveries.attempts'), width: '5rem', align: 'end', cell: (one) => `${one.attempts}/${one.max_attempts}` },
      { id: 'error', header: t('deliveries.error'), width: 'minmax(8rem, 2fr)', wide: true, cell: (one) => one.last_error },
      { id: 'key', header: t('operations.key'), width: 'minmax(7rem, 1fr)', wide: true, hidden: true, cell: (one) => <span className="mono">{one.key}</span> },
      { id: 'due', header: t('operations.due'), width: '8rem', wide: true, cell: (one) => <span className="num">{formatInstant(one.run_at)}</span> },
    ],
    [t],
  );
  return (
    <>
      {state !== 'dead' && <Toolbar label={t('leads.filters')}><FilterSelect label={t('common.status')} value={known} options={STATES.map((value) => ({ value, label: t(`operations.state.${value}`) }))} onChange={(value) => patch({ state: value })} /></Toolbar>}
      {state === 'dead' && (jobs.data?.pages[0]?.items.length ?? 0) > 1 && <RequeueAll />}
      <DataTable
        name="jobs"
        label={t('operations.tabs.jobs')}
        columns={columns}
        pages={jobs}
        rowId={(one) => one.id}
        onOpen={(one) => patch({ job: one.id })}
        empty={<Empty title={t(state === 'dead' ? 'operations.noDead' : 'operations.noJob')}>{t(state === 'dead' ? 'operations.noDeadAbout' : 'operations.noJobAbout')}</Empty>}
      />
      {job && <JobDrawer id={job} onClose={() => patch({ job: undefined })} />}
    </>
  );
}
