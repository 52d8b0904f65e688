import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEntity, useMay } from '@/app/session';
import { Period } from '@/features/invoices/Period';
import { usePayMethods } from '@/features/invoices/status';
import { CustomerFilter } from '@/features/parties/CustomerFilter';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Toolbar } from '@/ui/layout';
import { PaymentForm } from './PaymentForm';
import { PaymentTable } from './PaymentTable';
import type { PaymentSearch } from './queries';

const route = getRouteApi('/_app/payments/');

/** Every payment, and what of it settles nothing yet. */
export function PaymentsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<PaymentSearch>();
  const entity = useEntity();
  const may = useMay();
  const methods = usePayMethods();
  const [recording, setRecording] = useState(false);
  // What leaves a credit is a state of its own on screen.
  const state = search.unallocated === 'true' ? 'credit' : search.status;
  const record = may('billing.manage') && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} disabled={entity === undefined} title={entity === undefined ? t('common.oneEntity') : undefined} onClick={() => setRecording(true)}>{t('payments.record')}</Button>
  );
  return (
    <Page fill title={t('payments.title')} actions={record}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox width={190} label={t('payments.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <CustomerFilter value={search.customer} onChange={(customer) => patch({ customer })} />
        <FilterSelect label={t('common.status')} value={state} width={150} options={(['credit', 'completed', 'failed'] as const).map((one) => ({ value: one, label: t(`payments.state.${one}`) }))} onChange={(one) => patch({ unallocated: one === 'credit' ? 'true' : undefined, status: one === 'credit' ? undefined : one })} />
        <FilterSelect label={t('payments.methodLabel')} value={search.method} width={120} options={methods} onChange={(method) => patch({ method })} />
        <FilterSelect label={t('payments.directionLabel')} value={search.direction} width={120} options={(['in', 'refund', 'out'] as const).map((one) => ({ value: one, label: t(`payments.direction.${one}`) }))} onChange={(direction) => patch({ direction })} />
        <Period label={t('invoices.period')} from={search.from} to={search.to} onChange={patch} />
      </Toolbar>
      <PaymentTable search={search} action={record} />
      {recording && <PaymentForm {...(search.customer !== undefined && { party: search.customer })} onClose={() => setRecording(false)} />}
    </Page>
  );
}
