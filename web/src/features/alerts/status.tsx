import { useTranslation } from 'react-i18next';
import type { AlertState, CheckSeverity } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

export const ALERT_STATES: readonly AlertState[] = ['open', 'acknowledged', 'resolved'];
export const WEIGHTS: readonly CheckSeverity[] = ['critical', 'warning', 'info'];

const STATE_TONES: Record<AlertState, Tone> = { open: 'bad', acknowledged: 'violet', resolved: 'good' };
const WEIGHT_TONES: Record<CheckSeverity, Tone> = { critical: 'bad', warning: 'warn', info: 'info' };

export function StatePill({ state }: { state: AlertState }) {
  const { t } = useTranslation();
  return <Pill tone={STATE_TONES[state]}>{t(`alerts.state.${state}`)}</Pill>;
}

export function WeightPill({ severity }: { severity: CheckSeverity }) {
  const { t } = useTranslation();
  return <Pill tone={WEIGHT_TONES[severity]}>{t(`audit.severity.${severity}`)}</Pill>;
}
