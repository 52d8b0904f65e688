import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AlertView } from '@/api/schema';
import { ALL, useScope } from '@/api/scope';
import { useWho } from '@/app/session';
import { thingLink } from '@/app/things';
import { alertText } from '@/features/activity/event-text';
import en from '@/i18n/en/alert-kinds';
import { formatAgo, formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Pill, Toolbar } from '@/ui/layout';
import { SavedViews } from '@/ui/SavedViews';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { AlertDrawer } from './AlertDrawer';
import type { AlertSearch } from './AlertsPage';
import css from './alerts.module.css';
import { ALERT_STATES, StatePill, WEIGHTS, WeightPill } from './status';
import { aboutText } from './texts';

const route = getRouteApi('/_app/alerts');
const KINDS = Object.keys(en);

/** Those of the reader's role, newest first: what is going on, unless another state is asked for. */
export function AlertList() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<AlertSearch>();
  const navigate = useNavigate();
  const state = ALERT_STATES.find((one) => one === search.state);
  const severity = WEIGHTS.find((one) => one === search.severity);
  const { kind, subject } = search;
  const query = { ...(state && { state }), ...(severity && { severity }), ...(kind && { kind }), ...(subject && { subject }) };
  const alerts = api.useInfiniteQuery('get', '/api/alerts', { params: { query } }, BY_CURSOR);
  const open = alerts.data?.pages.flatMap((page) => page.items).find((alert) => alert.id === search.alert);
  const columns = useColumns();
  const { entities } = useWho();
  const hidesSome = useScope() !== ALL && entities.length > 1;
  const filtered = Object.keys(query).length > 0;
  const over = <Button variant="default" onClick={() => patch({ state: 'resolved' })}>{t('alerts.lookAtOver')}</Button>;
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl
          aria-label={t('common.status')}
          value={state ?? ''}
          data={[{ value: '', label: t('alerts.going') }, ...ALERT_STATES.map((value) => ({ value, label: t(`alerts.state.${value}`) }))]}
          onChange={(value) => patch({ state: value || undefined, alert: undefined })}
        />
        <FilterSelect label={t('alerts.weight')} value={severity} options={WEIGHTS.map((value) => ({ value, label: t(`audit.severity.${value}`) }))} onChange={(value) => patch({ severity: value })} />
        <FilterSelect label={t('alerts.kind')} value={kind} options={KINDS.map((value) => ({ value, label: alertText(t, value) }))} onChange={(value) => patch({ kind: value, subject: undefined })} width={240} />
        {subject && <Pill tone="info">{t('alerts.one')}</Pill>}
        <SavedViews page="alerts" />
        {filtered && <Button variant="subtle" color="gray" onClick={() => void navigate({ to: '/alerts', search: {} })}>{t('common.clear')}</Button>}
      </Toolbar>
      {hidesSome && <div className={css.hint}>{t('alerts.allScope')}</div>}
      <DataTable
        name="alerts"
        label={t('alerts.title')}
        columns={columns}
        pages={alerts}
        rowId={(alert) => alert.id}
        onOpen={(alert) => patch({ alert: alert.id })}
        empty={filtered ? <Empty title={t('alerts.none')} action={state === 'resolved' ? undefined : over}>{t('alerts.noneAbout')}</Empty> : <Empty title={t('alerts.noneGoing')} action={over}>{t('alerts.noneGoingAbout')}</Empty>}
      />
      {open && <AlertDrawer alert={open} onClose={() => patch({ alert: undefined })} />}
    </>
  );
}

function useColumns(): Column<AlertView>[] {
  const { t } = useTranslation();
  const several = useScope() === ALL;
  return useMemo(
    () => [
      { id: 'severity', header: t('alerts.weight'), width: '7.5rem', wide: true, cell: (alert) => <WeightPill severity={alert.severity} /> },
      { id: 'kind', header: t('alerts.what'), width: 'minmax(9rem, 1.3fr)', cell: (alert) => <What alert={alert} /> },
      { id: 'subject', header: t('alerts.thing'), width: 'minmax(6rem, 1.2fr)', cell: (alert) => <Thing alert={alert} /> },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, hidden: !several, cell: (alert) => alert.entity },
      { id: 'state', header: t('common.status'), width: '8.5rem', wide: true, cell: (alert) => <StatePill state={alert.state} /> },
      { id: 'by', header: t('alerts.by'), width: 'minmax(7rem, 0.8fr)', wide: true, cell: (alert) => alert.acknowledged_by },
      { id: 'since', header: t('alerts.since'), width: '8rem', wide: true, cell: (alert) => <span className="num" title={formatInstant(alert.opened_at, 'precise')}>{formatAgo(alert.opened_at)}</span> },
    ],
    [t, several],
  );
}

/** What an alert says; on a phone, where its weight has no column, with a dot in the colour of it. */
function What({ alert: { kind, severity } }: { alert: AlertView }) {
  const { t } = useTranslation();
  return (
    <>
      <i className={css.dot} data-severity={severity} role="img" aria-label={t(`audit.severity.${severity}`)} />
      <strong>{alertText(t, kind)}</strong>
    </>
  );
}

/** What an alert is about, as a way to it. */
function Thing({ alert }: { alert: AlertView }) {
  const { t } = useTranslation();
  const link = thingLink(alert.subject_kind, alert.subject);
  const text = aboutText(t, alert);
  return link ? <Link {...link} tabIndex={-1}>{text}</Link> : text;
}
