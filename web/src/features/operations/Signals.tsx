import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { SignalFigures, SignalsView, SlowStatement } from '@/api/schema';
import { formatAgo, formatBytes, formatInstant, formatNumber, formatPercent } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { Facts, Figure, Figures, Grid, Panel, Pill, Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';

const RANGES = ['hour', 'day'] as const;

/** A time of the service in milliseconds, with a digit after the point where there is little. */
function formatMs(us: number): string {
  const ms = us / 1000;
  return `${formatNumber(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms))} ms`;
}

function share(part: number, whole: number): string {
  return formatPercent(String(whole === 0 ? 0 : (part * 100) / whole));
}

/** How the service runs: traffic, errors, latency and saturation, from its own history. */
export function Signals() {
  const { t } = useTranslation();
  const [range, setRange] = useState<(typeof RANGES)[number]>('hour');
  const signals = api.useQuery('get', '/api/operations/signals', { params: { query: { range } } }, { refetchInterval: 30_000 });
  return (
    <Stack>
      <SegmentedControl aria-label={t('signals.range')} value={range} onChange={(value) => setRange(value as typeof range)} data={RANGES.map((value) => ({ value, label: t(`signals.ranges.${value}`) }))} style={{ justifySelf: 'start' }} />
      <Loaded query={signals}>
        {(view) => (
          <Stack>
            {view.whole_installation ? <Traffic view={view} /> : <p className="muted">{t('signals.ownOnly')}</p>}
            {view.whole_installation && <Named title={t('signals.routes')} head={t('signals.route')} rows={view.routes} seconds={view.step_seconds * view.points.length} />}
            <Named title={t('signals.jobs')} head={t('operations.kind')} rows={view.jobs} />
            {view.whole_installation && <Named title={t('signals.waits')} head={t('operations.kind')} rows={view.waits} />}
            <Queue view={view} />
            {view.whole_installation && <Named title={t('signals.services')} head={t('signals.service')} rows={view.services} />}
            {view.whole_installation && <Instances view={view} />}
            {view.whole_installation && <Slow rows={view.slow} />}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

function Traffic({ view }: { view: SignalsView }) {
  const { t } = useTranslation();
  const requests = view.points.reduce((sum, point) => sum + point.requests, 0);
  const errors = view.points.reduce((sum, point) => sum + point.errors, 0);
  const p99 = Math.max(0, ...view.points.map((point) => point.p99_us));
  const busiest = Math.max(0, ...view.points.map((point) => point.db_busiest_percent));
  const rows = view.points.map((point) => ({
    label: formatInstant(point.at, 'time'),
    fine: point.requests - point.refused - point.errors,
    refused: point.refused,
    errors: point.errors,
    p50: point.p50_us / 1000,
    p95: point.p95_us / 1000,
    p99: point.p99_us / 1000,
    busy: point.db_busiest_percent,
    due: point.jobs_due,
  }));
  return (
    <>
      <Figures>
        <Figure label={t('signals.rate')} value={formatNumber(Math.round((requests * 100) / (view.step_seconds * view.points.length)) / 100)} note={t('signals.requests', { count: requests })} />
        <Figure label={t('signals.errorRate')} value={share(errors, requests)} note={t('signals.failed', { count: errors })} />
        <Figure label={t('signals.slowest')} value={formatMs(p99)} />
        <Figure label={t('signals.pool')} value={formatPercent(String(busiest))} />
      </Figures>
      <Panel title={t('signals.traffic')}>
        <WeekBars stacked rows={rows} label={t('signals.traffic')} series={[{ name: 'fine', label: t('signals.fine'), tone: 'accent' }, { name: 'refused', label: t('signals.refused'), tone: 'warn' }, { name: 'errors', label: t('signals.errors'), tone: 'bad' }]} />
      </Panel>
      <Panel title={t('signals.latency')}>
        <WeekBars rows={rows} label={t('signals.latency')} series={[{ name: 'p50', label: 'p50', tone: 'good' }, { name: 'p95', label: 'p95', tone: 'warn' }, { name: 'p99', label: 'p99', tone: 'bad' }]} />
      </Panel>
      <Panel title={t('signals.saturation')}>
        <WeekBars rows={rows} label={t('signals.saturation')} series={[{ name: 'busy', label: t('signals.pool'), tone: 'violet' }, { name: 'due', label: t('signals.due'), tone: 'line-strong' }]} />
      </Panel>
    </>
  );
}

/** The busiest first: what fails is marked wherever it stands. */
function Named({ title, head, rows, seconds }: { title: string; head: string; rows: readonly SignalFigures[]; seconds?: number }) {
  const { t } = useTranslation();
  const sorted = rows.toSorted((one, other) => other.runs - one.runs);
  return (
    <Panel title={title} flush>
      <table className="plain">
        <thead>
          <tr><th>{head}</th><th className="end">{t('signals.count')}</th>{seconds && <th className="end">{t('signals.perSecond')}</th>}<th className="end">{t('signals.refused')}</th><th className="end">{t('signals.errors')}</th><th className="end">p50</th><th className="end">p95</th><th className="end">p99</th><th className="end">{t('signals.longest')}</th></tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.name}>
              <td className="mono">{row.name}</td>
              <td className="end num">{formatNumber(row.runs)}</td>
              {seconds && <td className="end num">{formatNumber(Math.round((row.runs * 100) / seconds) / 100)}</td>}
              <td className="end num">{formatNumber(row.refused)}</td>
              <td className="end num">{row.errors > 0 ? <Pill tone="bad">{formatNumber(row.errors)}</Pill> : 0}</td>
              <td className="end num">{formatMs(row.p50_us)}</td>
              <td className="end num">{formatMs(row.p95_us)}</td>
              <td className="end num">{formatMs(row.p99_us)}</td>
              <td className="end num">{formatMs(row.longest_us)}</td>
            </tr>
          ))}
          {sorted.length === 0 && <tr><td colSpan={9} className="muted">{t('signals.none')}</td></tr>}
        </tbody>
      </table>
    </Panel>
  );
}

function Queue({ view }: { view: SignalsView }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('signals.queue')} flush>
      <table className="plain">
        <thead><tr><th>{t('operations.kind')}</th><th className="end">{t('signals.due')}</th><th className="end">{t('operations.running')}</th><th className="end">{t('operations.deadLetters')}</th><th>{t('signals.oldest')}</th></tr></thead>
        <tbody>
          {view.queue.map((row) => (
            <tr key={row.kind}><td className="mono">{row.kind}</td><td className="end num">{row.due}</td><td className="end num">{row.running}</td><td className="end num">{row.dead > 0 ? <Pill tone="bad">{row.dead}</Pill> : 0}</td><td>{row.oldest_due_at && formatAgo(row.oldest_due_at)}</td></tr>
          ))}
          {view.queue.length === 0 && <tr><td colSpan={5} className="muted">{t('signals.noQueue')}</td></tr>}
        </tbody>
      </table>
    </Panel>
  );
}

function Instances({ view }: { view: SignalsView }) {
  const { t } = useTranslation();
  return (
    <Grid>
      {view.instances.map((one) => (
        <Panel key={one.worker} title={<span className="mono">{one.worker}</span>}>
          <Facts
            facts={[
              [t('signals.lastMinute'), formatInstant(one.at, 'time')],
              [t('signals.inFlight'), formatNumber(one.requests_busiest)],
              [t('signals.pool'), `${one.db_busiest}/${one.db_pool}`],
              [t('signals.waiting'), formatNumber(one.db_waiting)],
              [t('signals.memory'), formatBytes(one.memory_bytes)],
            ]}
          />
        </Panel>
      ))}
    </Grid>
  );
}

function Slow({ rows }: { rows: readonly SlowStatement[] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('signals.slow')} flush>
      <table className="plain">
        <thead><tr><th>{t('signals.statement')}</th><th>{t('signals.origin')}</th><th className="end">{t('signals.count')}</th><th className="end">{t('signals.mean')}</th><th className="end">{t('signals.longest')}</th><th>{t('signals.lastSeen')}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.origin} ${row.statement}`}><td className="mono">{row.statement}</td><td className="mono">{row.origin}</td><td className="end num">{formatNumber(row.runs)}</td><td className="end num">{formatMs(row.total_us / row.runs)}</td><td className="end num">{formatMs(row.longest_us)}</td><td>{formatAgo(row.last_seen_at)}</td></tr>
          ))}
          {rows.length === 0 && <tr><td colSpan={6} className="muted">{t('signals.noSlow')}</td></tr>}
        </tbody>
      </table>
    </Panel>
  );
}
