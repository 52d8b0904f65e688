import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Status } from '@/api/schema';
import { formatAgo, formatInstant } from '@/lib/format';
import { Facts, Grid, Panel, Pill, Stack, type Tone } from '@/ui/layout';
import { Loaded } from '@/ui/states';

const TONES: Record<Status, Tone> = { ok: 'good', warning: 'warn', degraded: 'bad' };

/** Workers beat every few seconds; one that has not for minutes is gone. */
const STALE_MS = 120_000;

function isStale(beat: string): boolean {
  return Date.now() - new Date(beat).getTime() > STALE_MS;
}

function StatusPill({ status }: { status: Status }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`operations.health.${status}`)}</Pill>;
}

/** The state of each part, the workers' heartbeats, and what runs next. */
export function Health() {
  const { t } = useTranslation();
  const health = api.useQuery('get', '/api/system/health', {}, { refetchInterval: 30_000 });
  const workers = api.useQuery('get', '/api/operations/workers', {}, { refetchInterval: 30_000 });
  const schedules = api.useQuery('get', '/api/operations/schedules', {});
  return (
    <Stack>
      <Loaded query={health}>
        {({ modules: { cron, deliveries, mail } }) => (
          <Grid>
            <Panel title={t('operations.cron')} actions={<StatusPill status={cron.status} />}>
              <Facts
                facts={[
                  [t('operations.deadLetters'), <Link key="dead" to="/operations" search={{ tab: 'dead' }}>{cron.figures?.dead_letters ?? '–'}</Link>],
                  [t('operations.failedRuns'), cron.figures?.failed_runs_7d],
                  [t('operations.overdue'), cron.figures?.overdue],
                  [t('operations.lastBeat'), cron.figures?.last_beat_at && formatAgo(cron.figures.last_beat_at)],
                ]}
              />
            </Panel>
            <Panel title={t('nav.deliveries')} actions={<StatusPill status={deliveries.status} />}>
              <Facts
                facts={[
                  [t('deliveries.status.failed'), <Link key="failed" to="/deliveries" search={{ status: 'failed' }}>{deliveries.figures?.failed ?? '–'}</Link>],
                  [t('operations.unknown'), deliveries.figures?.outcome_unknown],
                  [t('operations.stuck'), deliveries.figures?.stuck],
                ]}
              />
            </Panel>
            <Panel title={t('operations.mail')} actions={<StatusPill status={mail.status} />}>
              <Facts facts={[[t('operations.leftAlone'), mail.figures?.left_alone.join(', ') || t('common.none')]]} />
            </Panel>
          </Grid>
        )}
      </Loaded>
      <Panel title={t('operations.workers')} flush>
        <Loaded query={workers}>
          {(rows) => (
            <table className="plain">
              <thead><tr><th>{t('operations.worker')}</th><th>{t('operations.version')}</th><th>{t('operations.started')}</th><th>{t('operations.lastBeat')}</th><th className="end">{t('operations.running')}</th></tr></thead>
              <tbody>{rows.map((row) => <tr key={row.worker}><td className="mono">{row.worker}</td><td>{row.version}</td><td className="num">{formatInstant(row.started_at)}</td><td>{isStale(row.beat_at) ? <Pill tone="warn">{formatAgo(row.beat_at)}</Pill> : formatAgo(row.beat_at)}</td><td className="end">{row.running}</td></tr>)}</tbody>
            </table>
          )}
        </Loaded>
      </Panel>
      <Panel title={t('operations.schedules')} flush>
        <Loaded query={schedules}>
          {(rows) => (
            <table className="plain">
              <thead><tr><th>{t('common.name')}</th><th>{t('operations.about')}</th><th>{t('operations.cronText')}</th><th>{t('operations.next')}</th></tr></thead>
              <tbody>{rows.map((row) => <tr key={row.name}><td><Link to="/operations" search={{ tab: 'runs', kind: row.name }}>{row.name}</Link></td><td className="muted">{row.about}</td><td className="mono">{row.cron}</td><td className="num">{row.next_at && formatInstant(row.next_at)}</td></tr>)}</tbody>
            </table>
          )}
        </Loaded>
      </Panel>
    </Stack>
  );
}
