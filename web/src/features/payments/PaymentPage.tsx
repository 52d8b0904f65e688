import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PaymentDetail } from '@/api/schema';
import { useOneEntity } from '@/app/session';
import { EventList } from '@/features/activity/EventList';
import { For, SettlementTable } from '@/features/invoices/Settlements';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { Facts, Figure, Figures, Page, Panel, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty, Loaded } from '@/ui/states';
import { BounceDialog } from './BounceDialog';
import { PaymentPill } from './PaymentTable';
import { RefundForm } from './RefundForm';
import { UseCreditForm } from './UseCreditForm';

const route = getRouteApi('/_app/payments/$paymentId');

/** Everything about one payment. */
export function PaymentPage() {
  const { t } = useTranslation();
  const { paymentId } = route.useParams();
  const query = api.useQuery('get', '/api/payments/{id}', { params: { path: { id: paymentId } } });
  return <LoadedPage query={query} list={{ link: { to: '/payments' }, title: t('payments.title') }}>{(payment) => <Screen payment={payment} />}</LoadedPage>;
}

function Screen({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, payment.currency);
  const activity = api.useQuery('get', '/api/payments/{id}/activity', { params: { path: { id: payment.id }, query: { limit: 100 } } });
  return (
    <Page
      title={<>{t('payments.of', { amount: money(payment.amount) })}<PaymentPill payment={payment} /></>}
      about={<><Link to="/payments">{t('payments.title')}</Link> · {payment.entity} · <Link to="/parties/$partyId" params={{ partyId: payment.party_id }}>{payment.party_name}</Link></>}
      actions={<Actions payment={payment} />}
    >
      {payment.direction !== 'refund' && (
        <Figures>
          <Figure label={t('payments.amount')} value={money(payment.amount)} />
          <Figure label={t('payments.allocated')} value={money(payment.allocated)} />
          <Figure label={t('payments.refundedSum')} value={money(payment.refunded)} />
          <Figure label={t('payments.unallocated')} value={money(payment.unallocated)} note={t('payments.unallocatedAbout')} />
        </Figures>
      )}
      <Split>
        <Stack>
          {payment.direction !== 'refund' && (
            <Panel title={t('payments.settles')} flush>
              {payment.settlements.length > 0 ? <SettlementTable rows={payment.settlements} currency={payment.currency} name={(row) => <For row={row} />} /> : <Empty title={t('payments.settlesNothing')}>{t('payments.settlesNothingAbout')}</Empty>}
            </Panel>
          )}
          <Panel title={t('common.activity')}><Loaded query={activity}>{(page) => <EventList events={page.items} />}</Loaded></Panel>
        </Stack>
        <Panel title={t('common.details')}>
          <Facts
            facts={[
              [t('payments.party'), <Link key="party" to="/parties/$partyId" params={{ partyId: payment.party_id }}>{payment.party_name}</Link>],
              [t('payments.directionLabel'), t(`payments.direction.${payment.direction}`)],
              [t('payments.on'), formatDay(payment.received_on)],
              [t('payments.methodLabel'), t(`payments.method.${payment.method}`)],
              [t('payments.reference'), payment.reference],
              [t('payments.note'), payment.note],
              [t('common.source'), t(`payments.source.${payment.source}`)],
              [t('payments.refundOf'), payment.refund_of && <Link key="of" to="/payments/$paymentId" params={{ paymentId: payment.refund_of }}>{t('payments.one')}</Link>],
              [t('payments.bouncedOn'), payment.bounced_on && formatDay(payment.bounced_on)],
              [t('payments.bounceReason'), payment.bounce_reason],
              [t('payments.recordedBy'), `${formatInstant(payment.created_at)} · ${payment.created_by}`],
            ]}
          />
        </Panel>
      </Split>
    </Page>
  );
}

function Actions({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [opened, setOpened] = useState<'bounce' | 'refund' | 'use'>();
  const close = () => setOpened(undefined);
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  const path = { path: { id: payment.id } };
  return (
    <>
      {payment.can.includes('bounce') && <Button variant="default" c="var(--bad)" {...off} onClick={() => setOpened('bounce')}>{t('payments.bounce.label')}</Button>}
      {payment.can.includes('refund') && <Button variant="default" {...off} onClick={() => setOpened('refund')}>{t('payments.refund')}</Button>}
      {payment.can.includes('allocate') && <Button {...off} onClick={() => setOpened('use')}>{t('payments.use')}</Button>}
      {opened === 'bounce' && <BounceDialog payment={payment} onClose={close} />}
      {opened === 'refund' && <RefundForm of="/api/payments/{id}/refunds" path={path} rest={payment.unallocated} currency={payment.currency} onClose={close} />}
      {opened === 'use' && <UseCreditForm of="/api/payments/{id}/allocations" path={path} party={payment.party_id} rest={payment.unallocated} currency={payment.currency} direction={payment.direction === 'out' ? 'purchase' : 'sale'} onClose={close} />}
    </>
  );
}
