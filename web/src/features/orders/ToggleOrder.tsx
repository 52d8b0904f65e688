import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { OrderView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';

/** Opens or pauses an order. */
export function ToggleOrder({ order }: { order: OrderView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const toggle = api.useMutation('post', '/api/commandes/{id}/toggle', useOutcome({ done: t(order.active ? 'orders.paused' : 'orders.opened') }));
  const may = order.can.includes('activate') || order.can.includes('pause');
  return (
    <Switch
      checked={order.active}
      disabled={!may || !oneEntity}
      aria-disabled={toggle.isPending || undefined}
      label={t(order.active ? 'common.active' : 'orders.pausedState')}
      onChange={() => !toggle.isPending && toggle.mutate({ params: { path: { id: order.id } } })}
    />
  );
}
