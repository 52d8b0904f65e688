import { NumberInput, Select, Switch, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { OrderView } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity, useMay } from '@/app/session';
import { useBuyerChoices } from '@/features/buyers/queries';
import { FormDrawer } from '@/ui/FormDrawer';
import { DepartementPicker } from './DepartementPicker';

/** A new order, or changes to one. Only what the person may change is open to change. */
export function OrderForm({ order, buyer, onClose }: { order?: OrderView; buyer?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const entity = useEntity();
  const { form, restored, drop, giveUp } = useDraft(`order-${order?.id ?? 'new'}`, {
    initialValues: {
      buyer_id: order?.buyer_id ?? buyer ?? '',
      product: order?.product ?? '',
      departements: order ? [...order.departements] : ([] as string[]),
      quota_semaine: order?.quota_semaine ?? 10,
      lb_percent: order ? Math.round(Number(order.lb_target_pct) * 10_000) / 100 : 0,
      priorite: order?.priorite ?? 5,
      auto_renew: order?.auto_renew ?? true,
      replace_suspicious: order?.replace_suspicious ?? false,
      active: order?.active ?? true,
      notes: order?.notes ?? '',
    },
    validate: {
      buyer_id: (id) => (id === '' ? t('common.required') : null),
      product: (code) => (code === '' ? t('common.required') : null),
      departements: (codes) => (codes.length === 0 ? t('common.required') : null),
    },
  });
  const [version] = useState(() => order && versionOf(`/api/commandes/${order.id}`));
  const outcome = useOutcome({ done: t('common.saved') });
  const after = {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      drop();
      onClose();
      await outcome.onSuccess();
    },
  };
  const create = api.useMutation('post', '/api/commandes', after);
  const update = api.useMutation('put', '/api/commandes/{id}', after);
  const submit = form.onSubmit(({ lb_percent, buyer_id, product, ...values }) => {
    const lb_target_pct = (lb_percent / 100).toFixed(4);
    if (!order) return create.mutate({ body: { ...values, buyer_id, product, lb_target_pct, ...(entity && { entity }) } });
    // Each field asks for a permission of its own: what was not touched is not sent.
    const touched = Object.fromEntries(Object.entries({ ...values }).filter(([field]) => form.isDirty(field as never)));
    update.mutate({ params: { path: { id: order.id }, header: { 'If-Match': version } }, body: { ...touched, ...(form.isDirty('lb_percent') && { lb_target_pct }) } });
  });
  const fixed = order !== undefined;
  const mayQuota = !fixed || may('commandes.edit_quota');
  return (
    <FormDrawer title={t(order ? 'orders.edit' : 'orders.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error} restored={restored} onGiveUp={giveUp}>
      <Select label={t('common.buyer')} required searchable disabled={fixed} data={useBuyerChoices()} {...form.getInputProps('buyer_id')} />
      <Select label={t('common.product')} required disabled={fixed} data={useProducts()} {...form.getInputProps('product')} />
      <DepartementPicker value={form.values.departements} onChange={(codes) => form.setFieldValue('departements', codes)} error={form.errors.departements} />
      <NumberInput label={t('orders.quota')} description={t('orders.quotaAbout')} min={0} max={1_000_000} disabled={!mayQuota} {...form.getInputProps('quota_semaine')} />
      <NumberInput label={t('orders.priority')} description={t('orders.priorityAbout')} min={1} max={10} disabled={!mayQuota} {...form.getInputProps('priorite')} />
      <NumberInput label={t('orders.lbTarget')} description={t('orders.lbTargetAbout')} suffix=" %" min={0} max={100} decimalScale={2} disabled={fixed && !may('commandes.edit_lb_target')} {...form.getInputProps('lb_percent')} />
      <Switch label={t('orders.autoRenew')} description={t('orders.autoRenewAbout')} {...form.getInputProps('auto_renew', { type: 'checkbox' })} />
      <Switch label={t('orders.replace')} description={t('orders.replaceAbout')} {...form.getInputProps('replace_suspicious', { type: 'checkbox' })} />
      <Textarea label={t('common.notes')} {...form.getInputProps('notes')} />
    </FormDrawer>
  );
}
