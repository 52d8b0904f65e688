import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Cockpit } from '@/api/schema';
import { usePatchSearch } from '@/lib/patch-search';
import { Page, Panel, Split, Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { WeekPicker } from '@/ui/WeekPicker';
import { Calendars } from './Calendars';
import { DeliveryFigures, LeadFigures } from './Figures';
import { BlockedStock, LowQuota, TopBuyers, Undeliverable } from './Lists';
import { useCockpit } from './queries';
import { Trend } from './Trend';
import { Widget } from './Widget';

const route = getRouteApi('/_app/');

/** The first page of the day: the week's leads and deliveries, what needs a person. */
export function CockpitPage() {
  const { t } = useTranslation();
  const { week } = route.useSearch();
  const patch = usePatchSearch<{ week: string }>();
  const cockpit = useCockpit(week);
  const current = useCockpit(undefined).data?.week;
  return (
    <Page title={t('cockpit.title')} actions={<WeekPicker week={week} current={current} onChange={(chosen) => patch({ week: chosen === current ? undefined : chosen })} />}>
      <Loaded query={cockpit} height={640}>{(data) => <Widgets data={data} retry={() => void cockpit.refetch()} />}</Loaded>
    </Page>
  );
}

/** Each stands for itself: one that failed says so, the others are shown (L-19). */
function Widgets({ data, retry }: { data: Cockpit; retry: () => void }) {
  const { t } = useTranslation();
  const failed = (widget: string) => data._errors.find((one) => one.widget === widget);
  const { week } = data;
  return (
    <>
      <Widget failed={failed('calendar')} retry={retry} value={data.calendar}>{(calendar) => <Calendars calendar={calendar} />}</Widget>
      <Widget failed={failed('leads')} retry={retry} value={data.leads}>{(leads) => <LeadFigures counts={leads as Record<string, number>} week={week} />}</Widget>
      <Widget failed={failed('deliveries')} retry={retry} value={data.deliveries}>{(counts) => <DeliveryFigures counts={counts} week={week} />}</Widget>
      <Split>
        <Stack>
          <Panel title={t('cockpit.trend')}><Trend week={week} /></Panel>
          <Panel title={t('cockpit.topBuyers')} flush>
            <Widget failed={failed('top_buyers')} retry={retry} value={data.top_buyers}>{(rows) => <TopBuyers rows={rows} week={week} />}</Widget>
          </Panel>
        </Stack>
        <Stack>
          <Panel title={t('cockpit.undeliverable')} flush>
            <Widget failed={failed('undeliverable_buyers')} retry={retry} value={data.undeliverable_buyers}>{(rows) => <Undeliverable rows={rows} />}</Widget>
          </Panel>
          <Panel title={t('cockpit.lowQuota')} flush>
            <Widget failed={failed('low_quota_orders')} retry={retry} value={data.low_quota_orders}>{(rows) => <LowQuota rows={rows} />}</Widget>
          </Panel>
        </Stack>
      </Split>
      <Panel title={t('cockpit.blocked')} flush>
        <Widget failed={failed('blocked_stock')} retry={retry} value={data.blocked_stock}>{(rows) => <BlockedStock rows={rows} />}</Widget>
      </Panel>
    </>
  );
}
