import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import { CandidatesView } from './CandidatesView';
import { MonthView } from './MonthView';
import type { BillingSearch } from './queries';
import { RecordsView } from './RecordsView';
import { WeekView } from './WeekView';

const route = getRouteApi('/_app/billing/');
const TABS = ['week', 'month', 'records', 'credits'] as const;

/** What buyers owe: by week, as it is invoiced, and by month; the records that both are sums of; what was taken back since. */
export function BillingPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<BillingSearch>();
  const tab = TABS.find((one) => one === search.tab) ?? 'week';
  return (
    <Page title={t('billing.title')} about={t('billing.about')}>
      <Tabs keepMounted={false} value={tab} onChange={(chosen) => patch({ tab: chosen === 'week' ? undefined : (chosen ?? undefined), status: undefined })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`billing.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value="week"><WeekView search={search} /></Tabs.Panel>
        <Tabs.Panel value="month"><MonthView search={search} /></Tabs.Panel>
        <Tabs.Panel value="records"><RecordsView search={search} /></Tabs.Panel>
        <Tabs.Panel value="credits"><CandidatesView search={search} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}
