import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DeliveryRow } from '@/api/schema';
import { useEntityCode } from '@/app/catalogue';
import { EventList } from '@/features/activity/EventList';
import { errorText, reasonText, returnText } from '@/features/leads/reason';
import { formatDay, formatInstant, formatPhone } from '@/lib/format';
import { Facts, Page, Panel, Pill, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Alarm, Loaded } from '@/ui/states';
import { DeliveryActions } from './DeliveryActions';
import { useDelivery } from './queries';
import { DeliveryStatusPill, OutcomePill } from './status';

const route = getRouteApi('/_app/deliveries/$deliveryId');

/** One lead given to one buyer: where it stands, what was sent where, what came back. */
export function DeliveryPage() {
  const { t } = useTranslation();
  const { deliveryId } = route.useParams();
  const delivery = useDelivery(deliveryId);
  return <LoadedPage query={delivery} list={{ link: { to: '/deliveries' }, title: t('deliveries.title') }}>{(row) => <Screen delivery={row} />}</LoadedPage>;
}

function Screen({ delivery }: { delivery: DeliveryRow }) {
  const { t } = useTranslation();
  const entity = useEntityCode();
  const activity = api.useQuery('get', '/api/deliveries/{id}/activity', { params: { path: { id: delivery.id } } });
  return (
    <Page
      title={<>{delivery.buyer_name}<DeliveryStatusPill status={delivery.status} />{delivery.outcome && <OutcomePill outcome={delivery.outcome} />}</>}
      about={<><Link to="/deliveries">{t('deliveries.title')}</Link> · <span className="num">{formatPhone(delivery.phone)}</span> · {delivery.product} · {delivery.departement}</>}
      actions={<DeliveryActions delivery={delivery} />}
    >
      <Returned delivery={delivery} />
      <Split>
        <Stack>
          <Panel title={t('deliveries.log')}><Loaded query={activity}>{(page) => <EventList events={page.items} />}</Loaded></Panel>
        </Stack>
        <Stack>
          <Panel title={t('common.details')}>
            <Facts
              facts={[
                [t('common.lead'), <Link key="lead" to="/leads/$leadId" params={{ leadId: delivery.lead_id }}>{formatPhone(delivery.phone)}</Link>],
                [t('common.order'), <Link key="order" to="/orders/$orderId" params={{ orderId: delivery.order_id }}>{delivery.product}</Link>],
                [t('common.entity'), entity(delivery.entity_id)],
                [t('leads.owner'), delivery.lead_entity_id === delivery.entity_id ? null : entity(delivery.lead_entity_id)],
                [t('deliveries.routed'), formatInstant(delivery.created_at, 'precise')],
                [t('common.reason'), reasonText(t, delivery.routing_reason)],
                [t('leads.aged'), delivery.is_lb ? t('common.yes') : null],
                [t('deliveries.shared'), delivery.is_shared_client_30d ? t('common.yes') : null],
                [t('deliveries.attempts'), delivery.send_attempts],
                [t('leads.sentAt'), delivery.last_sent_at && formatInstant(delivery.last_sent_at, 'precise')],
                [t('deliveries.recipients'), delivery.sent_to.join(', ')],
              ]}
            />
          </Panel>
          <BuyerPanel buyerId={delivery.buyer_id} />
        </Stack>
      </Split>
    </Page>
  );
}

/** Why it did not stay: the buyer's words, or ours. */
function Returned({ delivery }: { delivery: DeliveryRow }) {
  const { t } = useTranslation();
  if (delivery.status === 'failed') return <Alarm>{errorText(t, delivery.last_error) ?? t('deliveries.failedNoWord')}</Alarm>;
  const reason = returnText(t, delivery);
  if (!reason) return null;
  const title = delivery.rejected_reason ? 'deliveries.rejectedBecause' : delivery.removed_reason ? 'deliveries.removedBecause' : 'deliveries.cancelledBecause';
  return <Panel title={t(title)}>{reason}</Panel>;
}

function BuyerPanel({ buyerId }: { buyerId: string }) {
  const { t } = useTranslation();
  const buyer = api.useQuery('get', '/api/clients/{id}', { params: { path: { id: buyerId } } });
  const calendar = api.useQuery('get', '/api/calendar', {});
  const next = calendar.data?.find((one) => one.entity === buyer.data?.entity)?.next_delivery_day;
  return (
    <Panel title={t('common.buyer')}>
      <Loaded query={buyer}>
        {(row) => (
          <Facts
            facts={[
              [t('common.name'), <Link key="buyer" to="/buyers/$buyerId" params={{ buyerId }}>{row.name}</Link>],
              [t('common.email'), row.email],
              [t('common.phone'), formatPhone(row.phone)],
              [t('buyers.autoSend'), t(row.auto_send_enabled ? 'common.yes' : 'common.no')],
              [t('buyers.deliverable'), row.deliverable ? <Pill key="yes" tone="good">{t('common.yes')}</Pill> : <Pill key="no" tone="bad">{t(`buyers.undeliverable.${row.deliverable_reason ?? 'no_valid_channel'}`)}</Pill>],
              [t('buyers.nextDay'), next && formatDay(next, 'dateLong')],
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
