import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { MixView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatPercent } from '@/lib/format';
import { Facts, Grid, Panel, Pill, type Tone } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { sharePercent } from './order-text';

const TONES: Record<MixView['status'], Tone> = { on_target: 'good', over: 'info', under: 'warn' };

/** The share of aged leads in each order's week against what is wanted. */
export function MixMonitor({ week }: { week: string | undefined }) {
  const { t } = useTranslation();
  const mix = api.useQuery('get', '/api/commandes/lb-monitor', { params: { query: { entity: useScope(), ...(week && { week }) } } });
  return (
    <Loaded query={mix} height={300}>
      {(orders) => orders.length === 0 ? <Empty title={t('orders.noMix')}>{t('orders.noMixAbout')}</Empty> : (
        <Grid>
          {orders.map((order) => (
            <Panel key={order.order_id} title={<Link to="/orders/$orderId" params={{ orderId: order.order_id }}>{order.buyer_name} · {order.product}</Link>} actions={<Pill tone={TONES[order.status]}>{t(`orders.mix.${order.status}`)}</Pill>}>
              <Facts
                facts={[
                  [t('common.entity'), order.entity],
                  [t('orders.lbTarget'), sharePercent(order.lb_target_pct)],
                  [t('orders.lbActual'), formatPercent(order.actual_pct)],
                  [t('orders.delivered'), order.delivered],
                  [t('orders.lbDelivered'), order.lb_delivered],
                  [t('orders.lbNeeded'), order.lb_needed],
                ]}
              />
            </Panel>
          ))}
        </Grid>
      )}
    </Loaded>
  );
}
