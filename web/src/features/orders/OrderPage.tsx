import { Button } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { OrderView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { EventList } from '@/features/activity/EventList';
import { DeliveryStatusPill } from '@/features/deliveries/status';
import type { DeliveryStatus } from '@/api/schema';
import { formatInstant, formatPhone, formatWeekShort } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { ConfirmButton } from '@/ui/confirm';
import { Facts, Page, Panel, Pill, Split, Stack } from '@/ui/layout';
import { FranceMap, type Shade } from '@/ui/map';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty, Loaded } from '@/ui/states';
import { departementsText, sharePercent } from './order-text';
import { OrderForm } from './OrderForm';
import { QuotaBar } from './QuotaBar';
import { useOrder } from './queries';
import { ToggleOrder } from './ToggleOrder';

const route = getRouteApi('/_app/orders/$orderId');

/** One order: its week, the weeks before, where it buys, what it got. */
export function OrderPage() {
  const { t } = useTranslation();
  const { orderId } = route.useParams();
  const order = useOrder(orderId);
  return <LoadedPage query={order} list={{ link: { to: '/orders' }, title: t('nav.orders') }}>{(view) => <Screen order={view} />}</LoadedPage>;
}

function Screen({ order }: { order: OrderView }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: order.id } } };
  const activity = api.useQuery('get', '/api/commandes/{id}/activity', path);
  const shades = new Map<string, Shade>(order.departements.map((code) => [code, { level: 4, text: t('orders.chosen') }]));
  return (
    <Page
      title={<>{order.buyer_name} · {order.product}{order.archived_at ? <Pill>{t('common.archived')}</Pill> : <ToggleOrder order={order} />}</>}
      about={<><Link to="/orders">{t('orders.title')}</Link> · {order.entity} · <Link to="/buyers/$buyerId" params={{ buyerId: order.buyer_id }}>{order.buyer_name}</Link></>}
      actions={<Actions order={order} />}
    >
      <Split>
        <Stack>
          <Panel title={t('orders.thisWeek')}><QuotaBar used={order.used} quota={order.quota_semaine} /></Panel>
          <Panel title={t('orders.weeks')}><Weeks order={order} /></Panel>
          <Panel title={t('nav.deliveries')} flush actions={<Link to="/deliveries" search={{ order: order.id }}>{t('orders.allDeliveries')}</Link>}><Deliveries order={order} /></Panel>
          <Panel title={t('common.activity')}><Loaded query={activity}>{(page) => <EventList events={page.items} />}</Loaded></Panel>
        </Stack>
        <Stack>
          <Panel title={t('common.details')}>
            <Facts
              facts={[
                [t('orders.priority'), order.priorite],
                [t('orders.lbTarget'), sharePercent(order.lb_target_pct)],
                [t('orders.delivered'), order.delivered],
                [t('orders.lbDelivered'), order.lb_delivered],
                [t('orders.remaining'), order.quota_remaining ?? t('common.unlimited')],
                [t('orders.autoRenew'), t(order.auto_renew ? 'common.yes' : 'common.no')],
                [t('orders.endsOn'), order.ends_on],
                [t('orders.replace'), t(order.replace_suspicious ? 'common.yes' : 'common.no')],
                [t('common.notes'), order.notes],
                [t('common.created'), formatInstant(order.created_at, 'date')],
              ]}
            />
          </Panel>
          <Panel title={`${t('nav.departements')} · ${departementsText(t, order)}`}>
            {order.departements.includes('*') ? t('orders.everywhereAbout') : <FranceMap label={t('nav.departements')} shades={shades} />}
          </Panel>
        </Stack>
      </Split>
    </Page>
  );
}

function Actions({ order }: { order: OrderView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const oneEntity = useOneEntity();
  const [editing, setEditing] = useState(false);
  const remove = api.useMutation('delete', '/api/commandes/{id}', { ...useOutcome(), onSuccess: () => navigate({ to: '/orders' }) });
  const mayEdit = order.can.includes('edit_quota') || order.can.includes('edit_lb_target');
  return (
    <>
      {order.can.includes('delete') && (
        <ConfirmButton danger label={t('orders.archive')} title={t('orders.archiveTitle')} disabled={!oneEntity} loading={remove.isPending} onConfirm={() => remove.mutate({ params: { path: { id: order.id } } })}>{t('orders.archiveAbout')}</ConfirmButton>
      )}
      {mayEdit && <Button disabled={!oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} onClick={() => setEditing(true)}>{t('common.edit')}</Button>}
      {editing && <OrderForm order={order} onClose={() => setEditing(false)} />}
    </>
  );
}

function Weeks({ order }: { order: OrderView }) {
  const { t } = useTranslation();
  const weeks = api.useQuery('get', '/api/commandes/{id}/stats', { params: { path: { id: order.id } } });
  return (
    <Loaded query={weeks} height={180}>
      {(rows) => (
        <WeekBars
          stacked
          height={180}
          label={t('orders.weeks')}
          rows={rows.toReversed().map((row) => ({ label: formatWeekShort(row.week), fresh: row.delivered - row.lb_delivered, aged: row.lb_delivered }))}
          series={[{ name: 'fresh', label: t('orders.fresh'), tone: 'accent' }, { name: 'aged', label: t('leads.aged'), tone: 'violet' }]}
        />
      )}
    </Loaded>
  );
}

function Deliveries({ order }: { order: OrderView }) {
  const { t } = useTranslation();
  const rows = api.useQuery('get', '/api/commandes/{id}/deliveries', { params: { path: { id: order.id }, query: { limit: 10 } } });
  return (
    <Loaded query={rows}>
      {({ items }) => items.length === 0 ? <Empty title={t('deliveries.empty')} /> : (
        <table className="plain">
          <thead><tr><th>{t('common.lead')}</th><th>{t('common.status')}</th><th>{t('leads.dept')}</th><th>{t('deliveries.routed')}</th></tr></thead>
          <tbody>
            {items.map((row) => (
              <tr key={row.id}>
                <td><Link to="/deliveries/$deliveryId" params={{ deliveryId: row.id }} className="num">{formatPhone(row.phone)}</Link></td>
                <td><DeliveryStatusPill status={row.status as DeliveryStatus} /></td>
                <td>{row.departement}</td>
                <td className="num">{formatInstant(row.created_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  );
}
