import { Button, Tabs } from '@mantine/core';
import { IconFileInvoice } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { useBillingWeek } from '@/features/billing/queries';
import { formatNumber, formatWeek } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ConfirmButton } from '@/ui/confirm';
import { FilterSelect } from '@/ui/filters';
import { Figure, Figures, Page, Toolbar } from '@/ui/layout';
import { notify } from '@/ui/notify';
import { Alarm, Loaded } from '@/ui/states';
import { WeekPicker } from '@/ui/WeekPicker';
import { InvoicesBetween } from './InvoicesBetween';
import { type IntercompanySearch, useDirections } from './queries';
import { Reconciliation } from './Reconciliation';
import { TransferPrices } from './TransferPrices';
import { Transfers } from './Transfers';
import { TRANSFER_STATUSES } from './status';

const route = getRouteApi('/_app/intercompany');
const TABS = ['transfers', 'invoices', 'reconciliation', 'prices'] as const;

/** What entities owe each other for leads that one owns and another sells. */
export function IntercompanyPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<IntercompanySearch>();
  const tab = TABS.find((one) => one === search.tab) ?? 'transfers';
  const current = useBillingWeek(undefined).data?.week;
  const directions = useDirections();
  return (
    <Page title={t('intercompany.title')} about={t('intercompany.about')} actions={<Generate week={search.week ?? current} />}>
      <Health />
      <Tabs keepMounted={false} value={tab} onChange={(chosen) => patch({ tab: chosen === 'transfers' ? undefined : (chosen ?? undefined), status: undefined })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`intercompany.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        {tab !== 'prices' && (
          <Toolbar label={t('leads.filters')}>
            <WeekPicker clearable={tab !== 'reconciliation'} week={search.week} current={current} onChange={(week) => patch({ week })} />
            {tab !== 'reconciliation' && <FilterSelect label={t('intercompany.direction')} value={search.direction} options={directions} onChange={(direction) => patch({ direction })} />}
            {tab === 'transfers' && <FilterSelect label={t('common.status')} value={search.status} options={TRANSFER_STATUSES.map((value) => ({ value, label: t(`intercompany.status.${value}`) }))} onChange={(status) => patch({ status })} />}
          </Toolbar>
        )}
        <div style={{ marginTop: '1rem' }}>
          <Tabs.Panel value="transfers"><Transfers search={search} /></Tabs.Panel>
          <Tabs.Panel value="invoices"><InvoicesBetween search={search} /></Tabs.Panel>
          <Tabs.Panel value="reconciliation"><Reconciliation week={search.week} /></Tabs.Panel>
          <Tabs.Panel value="prices"><TransferPrices /></Tabs.Panel>
        </div>
      </Tabs>
    </Page>
  );
}

/** What waits and what is in error, with the prices that are missing. */
function Health() {
  const { t } = useTranslation();
  const may = useMay();
  const health = api.useQuery('get', '/api/intercompany/health', {});
  const retry = api.useMutation('post', '/api/intercompany/retry-errors', useOutcome({ done: t('intercompany.retried') }));
  return (
    <Loaded query={health} height={72}>
      {(data) => (
        <>
          <Figures>
            <Figure label={t('intercompany.status.pending')} value={formatNumber(data.pending)} to={{ to: '/intercompany', search: { status: 'pending' } }} />
            <Figure label={t('intercompany.status.error')} value={formatNumber(data.error)} {...(data.given_up > 0 && { note: t('intercompany.givenUp', { count: data.given_up }) })} to={{ to: '/intercompany', search: { status: 'error' } }} />
          </Figures>
          {data.missing_prices.length > 0 && (
            <Alarm>
              {data.missing_prices.map((one) => <div key={`${one.from} ${one.to} ${one.product}`}>{t('intercompany.missingPrice', { from: one.from, to: one.to, product: one.product, count: one.units })}</div>)}
            </Alarm>
          )}
          {data.error > 0 && may('intercompany.manage') && <div><Button variant="default" loading={retry.isPending} onClick={() => retry.mutate({})}>{t('intercompany.retry')}</Button></div>}
        </>
      )}
    </Loaded>
  );
}

function Generate({ week }: { week: string | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const outcome = useOutcome();
  const generate = api.useMutation('post', '/api/intercompany/generate-invoices', {
    ...outcome,
    onSuccess: async ({ invoices_created, errors }) => {
      await outcome.onSuccess();
      await notify({ message: t('intercompany.generated', { count: invoices_created }), color: 'teal' });
      await Promise.all(errors.map(({ from, to, code, message }) => notify({ title: `${from} → ${to}`, message: t(`problem.code.${code}`, { defaultValue: message }), color: 'red', autoClose: false })));
    },
  });
  if (!week || !may('intercompany.manage')) return null;
  return (
    <ConfirmButton icon={<IconFileInvoice size={14} />} label={t('intercompany.generate')} title={t('intercompany.generateTitle', formatWeek(week))} loading={generate.isPending} onConfirm={() => generate.mutate({ body: { week } })}>
      {t('intercompany.generateAbout')}
    </ConfirmButton>
  );
}
