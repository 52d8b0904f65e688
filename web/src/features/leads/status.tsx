import { useTranslation } from 'react-i18next';
import type { LeadStatus } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const TONES: Record<LeadStatus, Tone> = {
  new: 'info',
  routed: 'violet',
  livre: 'good',
  duplicate: 'neutral',
  no_open_orders: 'warn',
  hold_source: 'warn',
  pending_config: 'warn',
  invalid: 'bad',
  lb: 'neutral',
  reserved_for_replacement: 'violet',
  replaced_by_lb: 'neutral',
};

/** Every status, in the order in which they matter to who works on leads. */
export const LEAD_STATUSES = Object.keys(TONES) as LeadStatus[];

export function LeadStatusPill({ status }: { status: LeadStatus }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`leads.status.${status}`)}</Pill>;
}
