import { Button, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { CreditCandidate } from '@/api/schema';
import { useEntityCode } from '@/app/catalogue';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { useBuyerChoices } from '@/features/buyers/queries';
import { formatInstant, formatMoney } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ConfirmButton } from '@/ui/confirm';
import { FilterSelect } from '@/ui/filters';
import { FormDrawer } from '@/ui/FormDrawer';
import { Stack, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { type BillingSearch, CANDIDATE_STATUSES, useCandidates } from './queries';
import { CandidatePill } from './status';

/** What was taken back after it was invoiced: credited by a credit note, or left as it is for a reason. */
export function CandidatesView({ search }: { search: BillingSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<BillingSearch>();
  const [dismissed, setDismissed] = useState<CreditCandidate>();
  const pages = useCandidates(search);
  const waiting = pages.data?.pages.flatMap((page) => page.items).filter((one) => one.status === 'open' || one.status === 'proposed') ?? [];
  const columns = useColumns(setDismissed);
  return (
    <Stack>
      <Toolbar label={t('leads.filters')}>
        <FilterSelect label={t('common.buyer')} value={search.buyer} options={useBuyerChoices()} onChange={(buyer) => patch({ buyer })} width={200} />
        <FilterSelect label={t('common.status')} value={search.status} options={CANDIDATE_STATUSES.map((value) => ({ value, label: t(`billing.candidate.${value}`) }))} onChange={(status) => patch({ status })} />
        <span style={{ flex: 1 }} />
        {search.buyer !== undefined && waiting.length > 0 && <CreditButton candidates={waiting} />}
      </Toolbar>
      <DataTable name="credit-candidates" label={t('billing.tabs.credits')} columns={columns} pages={pages} rowId={(row) => row.id} grow empty={<Empty title={t('billing.noCandidates')}>{t('billing.noCandidatesAbout')}</Empty>} />
      {dismissed && <Dismiss candidate={dismissed} onClose={() => setDismissed(undefined)} />}
    </Stack>
  );
}

function CreditButton({ candidates }: { candidates: readonly CreditCandidate[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const codeOf = useEntityCode();
  const [first] = candidates;
  const credit = api.useMutation('post', '/api/billing/credit-candidates/credit', useOutcome({ done: t('billing.creditDone') }));
  if (!first || !may('billing.manage')) return null;
  return (
    <ConfirmButton label={t('billing.credit')} title={t('billing.creditTitle', { buyer: first.buyer_name })} loading={credit.isPending} onConfirm={() => credit.mutate({ body: { buyer_id: first.buyer_id, entity: codeOf(first.entity_id) } })}>
      {t('billing.creditAbout', { count: candidates.length })}
    </ConfirmButton>
  );
}

function Dismiss({ candidate, onClose }: { candidate: CreditCandidate; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const dismiss = api.useMutation('post', '/api/billing/credit-candidates/{id}/dismiss', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((body) => dismiss.mutate({ params: { path: { id: candidate.id } }, body }));
  return (
    <FormDrawer title={t('billing.dismissTitle', { buyer: candidate.buyer_name })} submitLabel={t('billing.dismiss')} onClose={onClose} onSubmit={submit} saving={dismiss.isPending} error={dismiss.error}>
      <p className="muted">{t('billing.dismissAbout')}</p>
      <Textarea label={t('common.reason')} required data-autofocus {...form.getInputProps('reason')} />
    </FormDrawer>
  );
}

function useColumns(onDismiss: (candidate: CreditCandidate) => void): Column<CreditCandidate>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: 'buyer', header: t('common.buyer'), width: 'minmax(8rem, 1.3fr)', cell: (row) => <Link to="/buyers/$buyerId" params={{ buyerId: row.buyer_id }}>{row.buyer_name}</Link> },
      { id: 'product', header: t('common.product'), width: '4.5rem', wide: true, cell: (row) => row.product },
      { id: 'outcome', header: t('billing.takenBack'), width: '9rem', wide: true, cell: (row) => formatInstant(row.created_at) },
      { id: 'reason', header: t('common.reason'), width: 'minmax(7rem, 1fr)', cell: (row) => <span title={row.reason}>{row.reason}</span> },
      { id: 'net', header: t('billing.net'), width: '6rem', align: 'end', cell: (row) => formatMoney(row.net) },
      { id: 'lead', header: t('common.lead'), width: '5rem', wide: true, cell: (row) => <Link to="/leads/$leadId" params={{ leadId: row.lead_id }}>{t('billing.openLead')}</Link> },
      { id: 'document', header: t('billing.creditNote'), width: '6rem', wide: true, cell: (row) => (row.document_id ? <Link to="/invoices/$documentId" params={{ documentId: row.document_id }}>{t('billing.openCredit')}</Link> : '–') },
      { id: 'status', header: t('common.status'), width: '8rem', cell: (row) => <CandidatePill status={row.status} /> },
      { id: 'act', header: t('common.actions'), width: '6.5rem', wide: true, cell: (row) => row.can.includes('dismiss') && <Button variant="subtle" size="compact-xs" onClick={() => onDismiss(row)}>{t('billing.dismiss')}</Button> },
    ],
    [t, onDismiss],
  );
}
