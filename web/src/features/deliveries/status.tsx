import { useTranslation } from 'react-i18next';
import type { DeliveryOutcome, DeliveryStatus } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const TONES: Record<DeliveryStatus, Tone> = {
  pending_csv: 'info',
  ready_to_send: 'violet',
  sending: 'info',
  sent: 'good',
  failed: 'bad',
  cancelled: 'neutral',
};

const OUTCOMES: Record<DeliveryOutcome, Tone> = { accepted: 'good', rejected: 'bad', removed: 'warn' };

export const DELIVERY_STATUSES = Object.keys(TONES) as DeliveryStatus[];
export const DELIVERY_OUTCOMES = Object.keys(OUTCOMES) as DeliveryOutcome[];

export function DeliveryStatusPill({ status }: { status: DeliveryStatus }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`deliveries.status.${status}`)}</Pill>;
}

export function OutcomePill({ outcome }: { outcome: DeliveryOutcome }) {
  const { t } = useTranslation();
  return <Pill tone={OUTCOMES[outcome]}>{t(`deliveries.outcome.${outcome}`)}</Pill>;
}
