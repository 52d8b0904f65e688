import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import css from './operations.module.css';
import { Health } from './Health';
import { Jobs } from './Jobs';
import { MailLog } from './MailLog';
import { Quarantine } from './Quarantine';
import { Runs } from './Runs';
import { Signals } from './Signals';

const route = getRouteApi('/_app/operations');
const TABS = ['health', 'signals', 'dead', 'jobs', 'runs', 'mail', 'quarantine'] as const;

export interface OperationSearch {
  tab?: string;
  state?: string;
  kind?: string;
  job?: string;
}

/** How the machine runs: what is due, what failed for good, what was mailed. */
export function OperationsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<OperationSearch>();
  const tab = TABS.find((one) => one === search.tab) ?? 'health';
  return (
    <Page fill title={t('operations.title')}>
      <Tabs value={tab} onChange={(value) => patch({ tab: value ?? undefined, state: undefined, job: undefined })} className={css.fillTabs ?? ''}>
        <Tabs.List>{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`operations.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        {tab === 'health' && <Health />}
        {tab === 'signals' && <Signals />}
        {tab === 'dead' && <Jobs state="dead" job={search.job} />}
        {tab === 'jobs' && <Jobs state={search.state} job={search.job} />}
        {tab === 'runs' && <Runs kind={search.kind} />}
        {tab === 'mail' && <MailLog />}
        {tab === 'quarantine' && <Quarantine />}
      </Tabs>
    </Page>
  );
}
