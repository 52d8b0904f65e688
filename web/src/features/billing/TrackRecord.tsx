import { Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { BillingRecordStatus, RecordView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { FormDrawer } from '@/ui/FormDrawer';
import { RECORD_STATUSES } from './queries';

/** What is known of the invoice of a record that was made elsewhere. */
export function TrackRecord({ record, onClose }: { record: RecordView; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: {
      status: record.status,
      external_invoice_number: record.external_invoice_number ?? '',
      external_invoice_ttc: record.external_invoice_ttc ?? '',
      issued_on: record.issued_on ?? '',
      due_on: record.due_on ?? '',
      paid_on: record.paid_on ?? '',
      reason: '',
    },
  });
  const [version] = useState(() => versionOf(`/api/billing/records/${record.id}`));
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('put', '/api/billing/records/{id}', {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const isBack = RECORD_STATUSES.indexOf(form.values.status) < RECORD_STATUSES.indexOf(record.status);
  const submit = form.onSubmit(({ status, ...values }) => {
    // What was not touched is not sent: the service fills in days by the buyer's terms.
    const touched = Object.fromEntries(Object.entries(values).filter(([field]) => form.isDirty(field as never)).map(([field, text]) => [field, text.trim() === '' ? null : text.trim()]));
    save.mutate({ params: { path: { id: record.id ?? '' }, header: { 'If-Match': version } }, body: { ...touched, ...(status !== record.status && { status }) } });
  });
  return (
    <FormDrawer title={t('billing.trackTitle', { buyer: record.buyer_name, product: record.product })} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <Select label={t('common.status')} allowDeselect={false} data={RECORD_STATUSES.map((value: BillingRecordStatus) => ({ value, label: t(`billing.record.${value}`) }))} {...form.getInputProps('status')} />
      <TextInput label={t('billing.externalNumber')} maxLength={100} {...form.getInputProps('external_invoice_number')} />
      <TextInput label={t('billing.externalGross')} inputMode="decimal" {...form.getInputProps('external_invoice_ttc')} />
      <TextInput type="date" label={t('billing.issuedOn')} {...form.getInputProps('issued_on')} />
      <TextInput type="date" label={t('billing.dueOn')} description={t('billing.dueOnAbout')} {...form.getInputProps('due_on')} />
      <TextInput type="date" label={t('billing.paidOn')} {...form.getInputProps('paid_on')} />
      {isBack && <Textarea label={t('common.reason')} required description={t('billing.stepBack')} {...form.getInputProps('reason')} />}
    </FormDrawer>
  );
}
