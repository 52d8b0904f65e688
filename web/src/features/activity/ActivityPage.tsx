import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, client } from '@/api/client';
import type { StoredEvent } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useEntityCode } from '@/app/catalogue';
import { useDeliveryStats } from '@/features/deliveries/queries';
import { formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { WeekPicker } from '@/ui/WeekPicker';
import { detailText } from './detail-text';
import { actionText, actorText, eventText, subjectLink } from './event-text';

const route = getRouteApi('/_app/activity');
const KINDS = ['lead', 'delivery', 'client', 'order', 'provider', 'user', 'setting', 'job', 'tenant'] as const;
const SEVERITY_TONES = { info: 'neutral', warning: 'warn', error: 'bad' } as const;

/** Everything that happened, newest first. */
export function ActivityPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<{ action: string; kind: string; week: string; search: string }>();
  const navigate = useNavigate();
  const entity = useEntityCode();
  const current = useDeliveryStats(undefined).data?.week;
  const actions = api.useQuery('get', '/api/event-log/actions', {});
  const query = { entity: useScope(), ...(search.action && { action: search.action }), ...(search.kind && { entity_type: search.kind }), ...(search.week && { week: search.week }), ...(search.search && { search: search.search }) };
  const events = api.useInfiniteQuery('get', '/api/event-log', { params: { query } }, BY_CURSOR);
  const columns = useMemo<Column<StoredEvent>[]>(
    () => [
      { id: 'what', header: t('activity.what'), width: 'minmax(9rem, 1.2fr)', cell: (event) => eventText(t, event) },
      { id: 'who', header: t('activity.who'), width: 'minmax(7rem, 0.8fr)', wide: true, cell: (event) => actorText(t, event) },
      { id: 'severity', header: t('activity.severity'), width: '6.5rem', wide: true, cell: (event) => event.severity !== 'info' && <Pill tone={SEVERITY_TONES[event.severity]}>{t(`activity.level.${event.severity}`)}</Pill> },
      { id: 'details', header: t('common.details'), width: 'minmax(9rem, 1.6fr)', wide: true, cell: (event) => <span className="muted">{detailText(t, event)}</span> },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, cell: (event) => event.entity_id && entity(event.entity_id) },
      { id: 'at', header: t('activity.when'), width: '8rem', cell: (event) => <span className="num">{formatInstant(event.at)}</span> },
    ],
    [t, entity],
  );
  return (
    <Page fill title={t('activity.title')} actions={<WeekPicker clearable week={search.week} current={current} onChange={(week) => patch({ week })} />}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('activity.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('activity.what')} value={search.action} options={(actions.data ?? []).map((value) => ({ value, label: actionText(t, value) }))} onChange={(action) => patch({ action })} width={220} />
        <FilterSelect label={t('activity.kind')} value={search.kind} options={KINDS.map((value) => ({ value, label: t(`activity.kinds.${value}`) }))} onChange={(kind) => patch({ kind })} />
      </Toolbar>
      <DataTable
        name="activity"
        label={t('activity.title')}
        columns={columns}
        pages={events}
        rowId={(event) => event.id}
        onOpen={(event) => {
          const link = subjectLink(event);
          if (link) void navigate(link);
        }}
        foot={<ExportButton name="event-log" open={(signal) => client.GET('/api/event-log/export', { params: { query }, parseAs: 'stream', signal })} />}
        empty={<Empty title={t('activity.nothing')}>{t('activity.nothingAbout')}</Empty>}
      />
    </Page>
  );
}
