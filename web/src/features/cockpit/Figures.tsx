import { useTranslation } from 'react-i18next';
import type { DeliveryCounts, LeadStatus } from '@/api/schema';
import { DELIVERY_STATUSES } from '@/features/deliveries/status';
import { formatNumber } from '@/lib/format';
import { Figure, Figures } from '@/ui/layout';

const SHOWN: LeadStatus[] = ['new', 'routed', 'livre', 'no_open_orders', 'hold_source', 'pending_config', 'duplicate', 'invalid', 'lb'];

/** The leads that came in this week, by where they stand now; each figure opens its rows. */
export function LeadFigures({ counts, week }: { counts: Record<string, number>; week: string }) {
  const { t } = useTranslation();
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <Figures>
      <Figure label={t('cockpit.leads')} value={formatNumber(total)} to={{ to: '/leads', search: { week } }} />
      {SHOWN.map((status) => (
        <Figure key={status} label={t(`leads.status.${status}`)} value={formatNumber(counts[status] ?? 0)} to={{ to: '/leads', search: { week, status } }} />
      ))}
    </Figures>
  );
}

/** The week's deliveries; what is billable leaves out what came back (L-63). */
export function DeliveryFigures({ counts, week }: { counts: DeliveryCounts; week: string }) {
  const { t } = useTranslation();
  return (
    <Figures>
      {DELIVERY_STATUSES.map((status) => (
        <Figure key={status} label={t(`deliveries.status.${status}`)} value={formatNumber(counts[status])} to={{ to: '/deliveries', search: { week, status } }} />
      ))}
      <Figure label={t('deliveries.outcome.rejected')} value={formatNumber(counts.rejected)} to={{ to: '/deliveries', search: { week, outcome: 'rejected' } }} />
      <Figure label={t('deliveries.outcome.removed')} value={formatNumber(counts.removed)} to={{ to: '/deliveries', search: { week, outcome: 'removed' } }} />
      <Figure label={t('deliveries.billable')} value={formatNumber(counts.billable)} to={{ to: '/deliveries', search: { week, outcome: 'accepted' } }} />
    </Figures>
  );
}
