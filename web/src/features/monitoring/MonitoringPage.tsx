import { SegmentedControl, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Intelligence, Range } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useProducts } from '@/app/catalogue';
import { formatNumber, formatPercent } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { WeekBars } from '@/ui/chart';
import { FilterSelect } from '@/ui/filters';
import { Facts, Figure, Figures, Grid, Page, Panel, Toolbar } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { Conflicts } from './Conflicts';
import { Funnel } from './Funnel';
import { Sources } from './Sources';

const route = getRouteApi('/_app/monitoring');
const RANGES: Range[] = ['24h', '7d', '30d', '90d'];
const DELAYS = ['under_1h', 'from_1h_to_24h', 'from_1d_to_7d', 'over_7d'] as const;
const TABS = ['overview', 'sources', 'duplicates', 'cannibalisation'] as const;

/** How good the leads are, where bad ones come from, and what the entities take from each other. */
export function MonitoringPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<{ range: string; product: string; tab: string }>();
  const range = RANGES.find((one) => one === search.range) ?? '30d';
  const tab = TABS.find((one) => one === search.tab) ?? 'overview';
  const query = { range, entity: useScope(), ...(search.product && { product: search.product }) };
  const intelligence = api.useQuery('get', '/api/monitoring/intelligence', { params: { query } });
  return (
    <Page title={t('monitoring.title')}>
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl aria-label={t('monitoring.range')} value={range} data={RANGES.map((value) => ({ value, label: t(`monitoring.ranges.${value}`) }))} onChange={(value) => patch({ range: value })} />
        <FilterSelect label={t('common.product')} value={search.product} options={useProducts()} onChange={(product) => patch({ product })} />
      </Toolbar>
      <Tabs value={tab} onChange={(value) => patch({ tab: value ?? undefined })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`monitoring.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Loaded query={intelligence} height={420}>
          {(data) => (
            <>
              <Tabs.Panel value="overview"><Overview data={data} /></Tabs.Panel>
              <Tabs.Panel value="sources"><Sources sources={data.sources} /></Tabs.Panel>
              <Tabs.Panel value="duplicates"><Duplicates data={data} /></Tabs.Panel>
              <Tabs.Panel value="cannibalisation"><Cannibalisation data={data} /></Tabs.Panel>
            </>
          )}
        </Loaded>
      </Tabs>
    </Page>
  );
}

function Overview({ data }: { data: Intelligence }) {
  const { t } = useTranslation();
  const { quality } = data;
  return (
    <Grid>
      <div style={{ gridColumn: '1 / -1' }}>
        <Figures>
          <Figure label={t('nav.leads')} value={formatNumber(quality.total)} to={{ to: '/leads' }} />
          <Figure label={t('monitoring.deliverability')} value={formatPercent(quality.deliverability_pct)} note={t('monitoring.deliverabilityAbout')} />
          <Figure label={t('monitoring.clean')} value={formatPercent(quality.clean_pct)} note={t('monitoring.cleanAbout')} />
          <Figure label={t('monitoring.yield')} value={formatPercent(quality.yield_pct)} note={t('monitoring.yieldAbout')} />
        </Figures>
      </div>
      <div style={{ gridColumn: '1 / -1' }}><Funnel quality={quality} /></div>
      <Panel title={t('monitoring.crossEntity')}>
        <Facts facts={[[t('nav.deliveries'), formatNumber(data.cross_entity.deliveries)], [t('monitoring.fallbacks'), formatNumber(data.cross_entity.fallbacks)], [t('monitoring.rate'), formatPercent(data.cross_entity.rate_pct)]]} />
      </Panel>
      <Panel title={t('monitoring.lb')}>
        <Facts facts={[[t('monitoring.suspicious'), formatNumber(data.lb_usage.suspicious)], [t('monitoring.replaced'), formatNumber(data.lb_usage.replaced)], [t('monitoring.rate'), formatPercent(data.lb_usage.rate_pct)]]} />
      </Panel>
      <Panel title={t('monitoring.shared')}>
        <Facts facts={[[t('nav.deliveries'), formatNumber(data.shared_buyers.deliveries)], [t('monitoring.fallbacks'), formatNumber(data.shared_buyers.fallbacks)], [t('monitoring.rate'), formatPercent(data.shared_buyers.fallback_pct)]]} />
      </Panel>
    </Grid>
  );
}

function Duplicates({ data }: { data: Intelligence }) {
  const { t } = useTranslation();
  const { duplicates } = data;
  return (
    <Grid>
      <Panel title={t('monitoring.tabs.duplicates')}>
        <Facts facts={[[t('monitoring.count'), formatNumber(duplicates.count)], [t('monitoring.rate'), formatPercent(duplicates.rate_pct)]]} />
      </Panel>
      <Panel title={t('monitoring.delay')}>
        <WeekBars
          label={t('monitoring.delay')}
          rows={DELAYS.map((delay) => ({ delay, count: duplicates.by_delay[delay] ?? 0 })).map(({ delay, count }) => ({ label: t(`monitoring.delays.${delay}`), count }))}
          series={[{ name: 'count', label: t('monitoring.count'), tone: 'accent' }]}
        />
      </Panel>
      <div style={{ gridColumn: '1 / -1' }}><Conflicts conflicts={data.conflicts} /></div>
    </Grid>
  );
}

function Cannibalisation({ data }: { data: Intelligence }) {
  const { t } = useTranslation();
  const { cannibalisation: both } = data;
  return (
    <Grid>
      <div style={{ gridColumn: '1 / -1' }}>
        <Figures>
          <Figure label={t('monitoring.uniquePhones')} value={formatNumber(both.unique_phones)} />
          <Figure label={t('monitoring.inSeveral')} value={formatNumber(both.in_several_entities)} />
          <Figure label={t('monitoring.rate')} value={formatPercent(both.rate_pct)} note={t('monitoring.cannibalisationAbout')} />
        </Figures>
      </div>
    </Grid>
  );
}
