import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useMay } from '../session';
import css from './alerts.module.css';

const MOST_SHOWN = 99;

function useAlertCounts(): { critical: number; others: number } {
  const may = useMay();
  const counts = api.useQuery('get', '/api/alerts/counts', {}, { enabled: may('dashboard.view') });
  const { total = 0, critical = 0 } = counts.data ?? {};
  return { critical, others: total - critical };
}

function short(count: number): string {
  return count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
}

/** Beside the name of the page of alerts: how many nobody takes care of yet, the critical ones by themselves. */
export function AlertCount() {
  const { t } = useTranslation();
  const { critical, others } = useAlertCounts();
  return (
    <span className={css.counts}>
      {critical > 0 && <Count tone="bad" count={critical} said={t('alertCount.critical', { count: critical })} />}
      {others > 0 && <Count tone="warn" count={others} said={t('alertCount.open', { count: others })} />}
    </span>
  );
}

/** A figure to look at, and a sentence for who cannot. */
function Count({ tone, count, said }: { tone: 'bad' | 'warn'; count: number; said: string }) {
  return (
    <>
      <span className={css.count} data-tone={tone} title={said} aria-hidden>{short(count)}</span>
      <span className="visually-hidden"> {said}</span>
    </>
  );
}

/** In the bar of every page, while something critical is open. */
export function CriticalAlerts() {
  const { t } = useTranslation();
  const { critical } = useAlertCounts();
  if (critical === 0) return null;
  const said = t('alertCount.critical', { count: critical });
  return (
    <Link to="/alerts" search={{ severity: 'critical' }} className={css.critical} title={said} aria-label={said}>
      <IconAlertTriangle size={15} stroke={2} aria-hidden />
      {short(critical)}
    </Link>
  );
}
