import { useTranslation } from 'react-i18next';
import type { BuyerView } from '@/api/schema';
import { Pill } from '@/ui/layout';

/** Whether files can go to a buyer, and why not. */
export function DeliverablePill({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  if (buyer.archived_at) return <Pill>{t('common.archived')}</Pill>;
  if (!buyer.active) return <Pill>{t('common.inactive')}</Pill>;
  if (buyer.deliverable) return <Pill tone="good">{t('common.active')}</Pill>;
  return <Pill tone="bad">{t(`buyers.undeliverable.${buyer.deliverable_reason ?? 'no_valid_channel'}`)}</Pill>;
}
