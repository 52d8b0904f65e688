import { Skeleton, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { auditWords, moneyWords } from '@/i18n';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import { Gating } from './Gating';
import { MailSettings } from './MailSettings';
import { Policies } from './Policies';

const Calendar = lazy(async () => ({ default: (await import('./DeliveryCalendar')).DeliveryCalendar }));
const Legal = lazy(async () => ({ default: (await import('./LegalEntity')).LegalEntity }));
const Billing = lazy(async () => {
  const [{ BillingSettings: Tab }] = await Promise.all([import('./billing/BillingSettings'), moneyWords()]);
  return { default: Tab };
});
const Webhooks = lazy(async () => ({ default: (await import('./webhooks/Webhooks')).Webhooks }));

const Alerts = lazy(async () => {
  const [{ AlertSettings: Tab }] = await Promise.all([import('./alerts/AlertSettings'), auditWords()]);
  return { default: Tab };
});

const route = getRouteApi('/_app/settings');
const TABS = ['calendar', 'legal', 'billing', 'mail', 'gating', 'policies', 'alerts', 'webhooks'] as const;

/** What holds for the whole organisation or for each of its entities. */
export function SettingsPage() {
  const { t } = useTranslation();
  const { tab } = route.useSearch();
  const patch = usePatchSearch<{ tab: string }>();
  return (
    <Page title={t('settings.title')} narrow>
      <Tabs keepMounted={false} value={TABS.find((one) => one === tab) ?? 'calendar'} onChange={(value) => patch({ tab: value === 'calendar' ? undefined : (value ?? undefined) })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(one === 'billing' ? 'nav.billing' : `settings.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Suspense fallback={<Skeleton h={420} radius="md" />}>
          <Tabs.Panel value="calendar"><Calendar /></Tabs.Panel>
          <Tabs.Panel value="legal"><Legal /></Tabs.Panel>
          <Tabs.Panel value="billing"><Billing /></Tabs.Panel>
          <Tabs.Panel value="mail"><MailSettings /></Tabs.Panel>
          <Tabs.Panel value="gating"><Gating /></Tabs.Panel>
          <Tabs.Panel value="policies"><Policies /></Tabs.Panel>
          <Tabs.Panel value="alerts"><Alerts /></Tabs.Panel>
          <Tabs.Panel value="webhooks"><Webhooks /></Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}
