import { NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { BuyerView } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity } from '@/app/session';
import { FormDrawer } from '@/ui/FormDrawer';

const FRESH = { name: '', contact_name: '', email: '', phone: '', delivery_emails: [] as string[], notes: '', vat_rate: '20', payment_terms_days: 30 as number | '', auto_send_enabled: true, active: true };

/** A new buyer, or changes to one. */
export function BuyerForm({ buyer, onClose }: { buyer?: BuyerView; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const entity = useEntity();
  const initialValues = buyer ? Object.fromEntries(Object.keys(FRESH).map((key) => [key, buyer[key as keyof BuyerView]])) as typeof FRESH : FRESH;
  const { form, restored, drop, giveUp } = useDraft(`buyer-${buyer?.id ?? 'new'}`, {
    initialValues,
    validate: {
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      email: (email) => (/^\S+@\S+\.\S+$/.test(email) ? null : t('common.badEmail')),
    },
  });
  const [version] = useState(() => buyer && versionOf(`/api/clients/${buyer.id}`));
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const onError = (error: unknown) => void showFieldErrors(form, error);
  const done = async () => {
    drop();
    onClose();
    await outcome.onSuccess();
  };
  const update = api.useMutation('put', '/api/clients/{id}', { onError, onSuccess: done });
  const create = api.useMutation('post', '/api/clients', {
    onError,
    onSuccess: async (created) => {
      await done();
      await navigate({ to: '/buyers/$buyerId', params: { buyerId: created.id } });
    },
  });
  const submit = form.onSubmit((values) => {
    const body = { ...values, payment_terms_days: values.payment_terms_days === '' ? null : values.payment_terms_days };
    if (buyer) update.mutate({ params: { path: { id: buyer.id }, header: { 'If-Match': version } }, body });
    else create.mutate({ body: { ...body, ...(entity && { entity }) } });
  });
  return (
    <FormDrawer title={t(buyer ? 'buyers.edit' : 'buyers.new')} onClose={onClose} onSubmit={submit} saving={update.isPending || create.isPending} error={update.error ?? create.error} restored={restored} onGiveUp={giveUp}>
      <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
      <TextInput label={t('buyers.contact')} {...form.getInputProps('contact_name')} />
      <TextInput label={t('common.email')} type="email" required {...form.getInputProps('email')} />
      <TagsInput label={t('buyers.deliveryEmails')} description={t('buyers.deliveryEmailsAbout')} {...form.getInputProps('delivery_emails')} />
      <TextInput label={t('common.phone')} type="tel" {...form.getInputProps('phone')} />
      <Switch label={t('buyers.autoSend')} description={t('buyers.autoSendAbout')} {...form.getInputProps('auto_send_enabled', { type: 'checkbox' })} />
      <Switch label={t('common.active')} {...form.getInputProps('active', { type: 'checkbox' })} />
      <Select label={t('buyers.vat')} data={[{ value: '20', label: '20 %' }, { value: '0', label: '0 %' }]} allowDeselect={false} {...form.getInputProps('vat_rate')} />
      <NumberInput label={t('buyers.paymentDays')} min={0} max={365} {...form.getInputProps('payment_terms_days')} />
      <Textarea label={t('common.notes')} {...form.getInputProps('notes')} />
    </FormDrawer>
  );
}
