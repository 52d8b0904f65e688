import { Button, Rating, Skeleton, Tabs } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { EventList } from '@/features/activity/EventList';
import { OrderTable } from '@/features/orders/OrderTable';
import { moneyWords } from '@/i18n';
import { formatDay, formatInstant, formatNumber, formatPercent, formatPhone } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ConfirmButton } from '@/ui/confirm';
import { Facts, Figure, Figures, Page, Panel, Pill, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Loaded } from '@/ui/states';
import { BuyerForm } from './BuyerForm';
import { BuyerNotes } from './BuyerNotes';
import { DeliverablePill } from './DeliverablePill';
import { useBuyer } from './queries';

const Performance = lazy(async () => ({ default: (await import('./Performance')).Performance }));
const Coverage = lazy(async () => ({ default: (await import('./Coverage')).Coverage }));
const PricingTab = lazy(async () => {
  const [{ PricingTab: Tab }] = await Promise.all([import('./pricing/PricingTab'), moneyWords()]);
  return { default: Tab };
});
const CrmForm = lazy(async () => ({ default: (await import('./CrmForm')).CrmForm }));

const route = getRouteApi('/_app/buyers/$buyerId');
const TABS = ['summary', 'performance', 'coverage', 'pricing', 'crm', 'activity'] as const;

/** Everything about one buyer. */
export function BuyerPage() {
  const { t } = useTranslation();
  const { buyerId } = route.useParams();
  const buyer = useBuyer(buyerId);
  return <LoadedPage query={buyer} list={{ link: { to: '/buyers' }, title: t('buyers.title') }}>{(view) => <Screen buyer={view} />}</LoadedPage>;
}

function Screen({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const { tab } = route.useSearch();
  const patch = usePatchSearch<{ tab: string }>();
  const may = useMay();
  const tabs = TABS.filter((one) => one !== 'pricing' || may('billing.view'));
  return (
    <Page
      title={<>{buyer.name}<DeliverablePill buyer={buyer} />{buyer.crm.tags.map((tag) => <Pill key={tag} tone="info">{t(`buyers.tag.${tag}`)}</Pill>)}</>}
      about={<><Link to="/buyers">{t('buyers.title')}</Link> · {buyer.entity} · {buyer.email}</>}
      actions={<Actions buyer={buyer} />}
    >
      <Health buyer={buyer} />
      <Tabs keepMounted={false} value={tabs.find((one) => one === tab) ?? 'summary'} onChange={(chosen) => patch({ tab: chosen === 'summary' ? undefined : (chosen ?? undefined) })}>
        <Tabs.List mb="md">
          {tabs.map((one) => <Tabs.Tab key={one} value={one}>{t(`buyers.tabs.${one}`)}</Tabs.Tab>)}
        </Tabs.List>
        <Suspense fallback={<Skeleton h={320} radius="md" />}>
          <Tabs.Panel value="summary"><Summary buyer={buyer} /></Tabs.Panel>
          <Tabs.Panel value="performance"><Performance buyer={buyer} /></Tabs.Panel>
          <Tabs.Panel value="coverage"><Coverage buyer={buyer} /></Tabs.Panel>
          <Tabs.Panel value="pricing"><PricingTab buyer={buyer} /></Tabs.Panel>
          <Tabs.Panel value="crm"><CrmForm buyer={buyer} /></Tabs.Panel>
          <Tabs.Panel value="activity"><Activity buyer={buyer} /></Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}

function Actions({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const oneEntity = useOneEntity();
  const [editing, setEditing] = useState(false);
  const remove = api.useMutation('delete', '/api/clients/{id}', { ...useOutcome(), onSuccess: () => navigate({ to: '/buyers' }) });
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  return (
    <>
      {buyer.can.includes('delete') && (
        <ConfirmButton danger label={t('buyers.archive')} title={t('buyers.archiveTitle')} disabled={!oneEntity} loading={remove.isPending} onConfirm={() => remove.mutate({ params: { path: { id: buyer.id } } })}>{t('buyers.archiveAbout')}</ConfirmButton>
      )}
      {buyer.can.includes('edit') && <Button {...off} onClick={() => setEditing(true)}>{t('common.edit')}</Button>}
      {editing && <BuyerForm buyer={buyer} onClose={() => setEditing(false)} />}
    </>
  );
}

/** What matters at a glance: what it had, what it sent back, and how it is to work with. */
function Health({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const stats = api.useQuery('get', '/api/clients/{id}/stats', { params: { path: { id: buyer.id } } });
  const figure = stats.data;
  const rows = (search: object) => ({ to: '/deliveries' as const, search: { buyer: buyer.id, ...search } });
  const stars = [['global', buyer.crm.global_rating], ['payment', buyer.crm.payment_rating], ['satisfaction', buyer.crm.lead_satisfaction_rating], ['discount', buyer.crm.discount_pressure_rating]] as const;
  return (
    <>
      <Figures>
        <Figure label={t('buyers.sent')} value={figure ? formatNumber(figure.sent) : '–'} to={rows({ status: 'sent' })} />
        <Figure label={t('deliveries.billable')} value={figure ? formatNumber(figure.billable) : '–'} to={rows({ outcome: 'accepted' })} />
        <Figure label={t('deliveries.outcome.rejected')} value={figure ? formatNumber(figure.rejected) : '–'} note={figure && formatPercent(figure.reject_rate)} to={rows({ outcome: 'rejected' })} />
        <Figure label={t('buyers.waiting')} value={figure ? formatNumber(figure.pending) : '–'} to={rows({ status: 'pending_csv' })} />
        <Figure label={t('deliveries.status.failed')} value={figure ? formatNumber(figure.failed) : '–'} to={rows({ status: 'failed' })} />
        <Figure label={t('buyers.lastDelivery')} value={<span style={{ fontSize: '0.9375rem' }}>{figure?.last_delivery_at ? formatInstant(figure.last_delivery_at) : '–'}</span>} />
      </Figures>
      {stars.some(([, value]) => value) && (
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: '0.5rem 1.5rem' }}>
          {stars.map(([key, value]) => (
            <span key={key} style={{ display: 'inline-flex', gap: '0.5rem', alignItems: 'center' }} className="muted">
              {t(`buyers.rating.${key}`)} <Rating role="img" value={value ?? 0} readOnly size="xs" aria-label={t('buyers.stars', { count: value ?? 0 })} />
            </span>
          ))}
        </div>
      )}
    </>
  );
}

function Summary({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const calendar = api.useQuery('get', '/api/calendar', {});
  const next = calendar.data?.find((one) => one.entity === buyer.entity)?.next_delivery_day;
  return (
    <Split>
      <Stack>
        <Panel title={t('nav.orders')} flush><OrderTable search={{ buyer: buyer.id }} bare /></Panel>
        <Panel title={t('common.notes')}><BuyerNotes buyer={buyer} /></Panel>
      </Stack>
      <Panel title={t('common.details')}>
        <Facts
          facts={[
            [t('buyers.contact'), buyer.contact_name],
            [t('common.email'), buyer.email],
            [t('buyers.deliveryEmails'), buyer.delivery_emails.join(', ')],
            [t('common.phone'), formatPhone(buyer.phone)],
            [t('buyers.autoSend'), t(buyer.auto_send_enabled ? 'common.yes' : 'common.no')],
            [t('buyers.nextDay'), next && formatDay(next, 'dateLong')],
            [t('buyers.vat'), formatPercent(buyer.vat_rate)],
            [t('buyers.paymentDays'), buyer.payment_terms_days],
            [t('common.created'), formatInstant(buyer.created_at, 'date')],
            [t('common.notes'), buyer.notes],
          ]}
        />
      </Panel>
    </Split>
  );
}

function Activity({ buyer }: { buyer: BuyerView }) {
  const activity = api.useQuery('get', '/api/clients/{id}/activity', { params: { path: { id: buyer.id }, query: { limit: 100 } } });
  return <Panel><Loaded query={activity}>{(page) => <EventList events={page.items} />}</Loaded></Panel>;
}
