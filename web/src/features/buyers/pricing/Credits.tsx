import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView, CreditReason, CreditView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { useBillingWeek } from '@/features/billing/queries';
import { formatNumber, formatWeekShort } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { ConfirmButton } from '@/ui/confirm';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';

const REASONS = ['fin_de_semaine', 'geste_commercial', 'retard', 'qualite', 'bug', 'autre'] as const satisfies readonly CreditReason[];

/** Units that a buyer need not pay. */
export function Credits({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const may = useMay();
  const oneEntity = useOneEntity();
  const [adding, setAdding] = useState(false);
  const mayEdit = may('billing.manage') && oneEntity;
  const pages = api.useInfiniteQuery('get', '/api/clients/{id}/credits', { params: { path: { id: buyer.id }, query: {} } }, BY_CURSOR);
  const columns = useColumns(buyer.id, mayEdit);
  const add = mayEdit && <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>{t('billing.addCredit')}</Button>;
  return (
    <Panel title={t('billing.credits')} actions={add} flush>
      <DataTable name="credits" label={t('billing.credits')} columns={columns} pages={pages} rowId={(row) => row.id} grow bare empty={<Empty title={t('billing.noCredits')}>{t('billing.noCreditsAbout')}</Empty>} />
      {adding && <CreditForm buyer={buyer} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function useColumns(buyer: string, mayEdit: boolean): Column<CreditView>[] {
  const { t } = useTranslation();
  const remove = api.useMutation('delete', '/api/clients/{id}/credits', useOutcome({ done: t('common.saved') }));
  const { mutate } = remove;
  return useMemo(
    () => [
      { id: 'week', header: t('billing.weekOf'), width: '6rem', cell: (row) => formatWeekShort(row.week) },
      { id: 'product', header: t('common.product'), width: '4.5rem', cell: (row) => row.product },
      { id: 'quantity', header: t('billing.unitsShort'), width: '4rem', align: 'end', cell: (row) => formatNumber(row.quantity) },
      { id: 'reason', header: t('common.reason'), width: 'minmax(7rem, 1fr)', cell: (row) => <span title={row.note}>{t(`billing.creditReason.${row.reason}`)}</span> },
      { id: 'author', header: t('billing.setBy'), width: 'minmax(6rem, 1fr)', wide: true, cell: (row) => row.author },
      { id: 'act', header: t('common.actions'), width: '7.5rem', wide: true, cell: (row) => mayEdit && (
        <ConfirmButton danger label={t('common.delete')} title={t('billing.deleteCredit')} onConfirm={() => mutate({ params: { path: { id: buyer }, query: { credit_id: row.id } } })}>{t('billing.deleteCreditAbout')}</ConfirmButton>
      ) },
    ],
    [t, mayEdit, mutate, buyer],
  );
}

function CreditForm({ buyer, onClose }: { buyer: BuyerView; onClose: () => void }) {
  const { t } = useTranslation();
  const week = useBillingWeek(undefined).data?.week ?? '';
  const orders = api.useQuery('get', '/api/commandes', { params: { query: { entity: useScope(), buyer: buyer.id, limit: 200 } } });
  const form = useForm({
    initialValues: { order_id: '', week: '', quantity: 1, reason: 'geste_commercial' as CreditReason, note: '' },
    validate: { order_id: (id) => (id === '' ? t('common.required') : null) },
  });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('post', '/api/clients/{id}/credits', {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const known = orders.data?.items ?? [];
  const submit = form.onSubmit((values) => save.mutate({ params: { path: { id: buyer.id } }, body: { ...values, week: values.week || week, product: known.find((one) => one.id === values.order_id)?.product ?? '' } }));
  return (
    <FormDrawer title={t('billing.addCredit')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <Select label={t('common.order')} required data={known.map((one) => ({ value: one.id, label: `${one.product} · ${one.departements.slice(0, 4).join(', ')}` }))} {...form.getInputProps('order_id')} />
      <TextInput type="week" label={t('common.week')} description={t('billing.creditWeekAbout')} {...form.getInputProps('week')} value={form.values.week || week} />
      <NumberInput label={t('billing.unitsField')} min={1} max={1_000_000} {...form.getInputProps('quantity')} />
      <Select label={t('common.reason')} allowDeselect={false} data={REASONS.map((value) => ({ value, label: t(`billing.creditReason.${value}`) }))} {...form.getInputProps('reason')} />
      <Textarea label={t('common.notes')} maxLength={1000} {...form.getInputProps('note')} />
    </FormDrawer>
  );
}
