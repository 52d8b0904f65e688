import { Skeleton, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import css from './books.module.css';
import { OneEntity } from './OneEntity';
import { NewEntry } from './NewEntry';
import { TrialBalance } from './TrialBalance';

const Entries = lazy(async () => ({ default: (await import('./Entries')).Entries }));
const Accounts = lazy(async () => ({ default: (await import('./Accounts')).Accounts }));
const Aged = lazy(async () => ({ default: (await import('./Aged')).Aged }));
const Vat = lazy(async () => ({ default: (await import('./Vat')).Vat }));
const Exports = lazy(async () => ({ default: (await import('./Exports')).Exports }));
const Periods = lazy(async () => ({ default: (await import('./Periods')).Periods }));
const Setup = lazy(async () => ({ default: (await import('./Setup')).Setup }));

const route = getRouteApi('/_app/ledger/');
const TABS = ['balance', 'entries', 'accounts', 'aged', 'vat', 'exports', 'periods', 'setup'] as const;

/** Those whose table takes the rest of the screen. */
const TALL = new Set<string>(['entries', 'accounts']);

/** What the address of the ledger holds. */
export interface LedgerSearch {
  tab?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  journal?: string | undefined;
  account?: string | undefined;
  party?: string | undefined;
  search?: string | undefined;
  class?: string | undefined;
  active?: string | undefined;
  side?: string | undefined;
  on?: string | undefined;
}

const NOTHING: LedgerSearch = { from: undefined, to: undefined, journal: undefined, account: undefined, party: undefined, search: undefined, class: undefined, active: undefined, side: undefined, on: undefined };

/** The books of an entity: what they hold, what they say, and how they are kept. */
export function LedgerPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<LedgerSearch>();
  const tab = TABS.find((one) => one === search.tab) ?? 'balance';
  const fill = TALL.has(tab);
  return (
    <Page fill={fill} title={t('books.title')} actions={<NewEntry />}>
      <Tabs value={tab} onChange={(value) => patch({ ...NOTHING, tab: value === 'balance' ? undefined : (value ?? undefined) })} className={fill ? (css.fillTabs ?? '') : ''}>
        <TabList tab={tab} fill={fill} />
        <OneEntity>
          {(entity) => (
            <Suspense fallback={<Skeleton h={420} radius="md" />}>
              {tab === 'balance' && <TrialBalance entity={entity} search={search} />}
              {tab === 'entries' && <Entries entity={entity} search={search} />}
              {tab === 'accounts' && <Accounts entity={entity} search={search} />}
              {tab === 'aged' && <Aged entity={entity} search={search} />}
              {tab === 'vat' && <Vat entity={entity} search={search} />}
              {tab === 'exports' && <Exports entity={entity} />}
              {tab === 'periods' && <Periods entity={entity} />}
              {tab === 'setup' && <Setup entity={entity} />}
            </Suspense>
          )}
        </OneEntity>
      </Tabs>
    </Page>
  );
}

/** On a phone the tabs scroll: the one that is open comes into sight. */
function TabList({ tab, fill }: { tab: string; fill: boolean }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-tab=${tab}]`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab]);
  return <Tabs.List ref={list} mb={fill ? 0 : 'md'} className={css.tabs ?? ''}>{TABS.map((one) => <Tabs.Tab key={one} value={one} data-tab={one}>{t(`books.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>;
}
