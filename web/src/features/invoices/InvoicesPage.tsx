import { Skeleton, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Toolbar } from '@/ui/layout';
import { CustomerFilter } from '@/features/parties/CustomerFilter';
import { Period } from './Period';
import { DocumentTable } from './DocumentTable';
import { InvoiceFigures } from './InvoiceFigures';
import { NewDocument } from './NewDocument';
import { type DocumentSearch, KINDS, STATES, TABS, tabOf } from './search';

const Overdue = lazy(async () => ({ default: (await import('./Overdue')).Overdue }));
const Reminders = lazy(async () => ({ default: (await import('./mails/Reminders')).Reminders }));

const route = getRouteApi('/_app/invoices/');

/** Everything that was written to customers: invoices and credit notes, offers, and what is overdue. */
export function InvoicesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<DocumentSearch>();
  const tab = tabOf(search);
  return (
    <Page fill={tab !== 'overdue'} title={t('invoices.title')} actions={<NewDocument kind={tab === 'offers' ? 'quote' : 'invoice'} />}>
      {tab !== 'overdue' && tab !== 'reminders' && <InvoiceFigures />}
      <Tabs value={tab} onChange={(chosen) => patch({ tab: chosen === 'invoices' ? undefined : (chosen ?? undefined), kind: undefined, status: undefined, step: undefined })}>
        <Tabs.List>{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`invoices.tab.${one}`)}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      {tab === 'overdue' || tab === 'reminders' ? <Suspense fallback={<Skeleton h={320} radius="md" />}>{tab === 'overdue' ? <Overdue /> : <Reminders search={search} />}</Suspense> : <List search={search} />}
    </Page>
  );
}

function List({ search }: { search: DocumentSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<DocumentSearch>();
  const tab = tabOf(search);
  const states: string[] = [...(tab === 'invoices' ? ['open'] : []), ...STATES[tab]];
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('invoices.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <CustomerFilter value={search.customer} onChange={(customer) => patch({ customer })} />
        <FilterSelect label={t('common.status')} value={search.status} options={states.map((state) => ({ value: state, label: t(`invoices.state.${state}` as 'invoices.state.draft') }))} onChange={(status) => patch({ status })} />
        <FilterSelect label={t('invoices.kindLabel')} value={search.kind} width={170} options={KINDS[tab].map((kind) => ({ value: kind, label: t(`invoices.kind.${kind}`) }))} onChange={(kind) => patch({ kind })} />
        <Period label={t('invoices.period')} from={search.from} to={search.to} onChange={patch} />
      </Toolbar>
      <DocumentTable search={search} empty={<NewDocument kind={tab === 'offers' ? 'quote' : 'invoice'} />} />
    </>
  );
}
