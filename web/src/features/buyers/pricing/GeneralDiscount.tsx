import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PricingView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { toDecimal } from '@/lib/decimal';
import { formatDay, formatPercent } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';
import { Facts, Panel } from '@/ui/layout';

/** The discount on every product without one of its own, and the VAT. */
export function GeneralDiscount({ pricing }: { pricing: PricingView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [editing, setEditing] = useState(false);
  const change = pricing.can.includes('edit') && oneEntity && <Button variant="subtle" size="compact-sm" onClick={() => setEditing(true)}>{t('common.edit')}</Button>;
  return (
    <Panel title={t('billing.general')} actions={change}>
      <Facts
        facts={[
          [t('billing.discountToday'), formatPercent(pricing.discount_pct_global)],
          [t('billing.vatRate'), formatPercent(pricing.vat_rate)],
          ...pricing.discounts.map((one) => [t('billing.fromDay', { day: formatDay(one.valid_from) }), <Group key={one.id} gap="xs">{formatPercent(one.discount_pct)}<span className="muted">{one.created_by}</span></Group>] as const),
        ]}
      />
      {editing && <DiscountForm pricing={pricing} onClose={() => setEditing(false)} />}
    </Panel>
  );
}

function DiscountForm({ pricing, onClose }: { pricing: PricingView; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { discount_pct_global: pricing.discount_pct_global, valid_from: pricing.today } });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('put', '/api/clients/{id}/pricing', {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ discount_pct_global, valid_from }) => save.mutate({ params: { path: { id: pricing.buyer_id } }, body: { discount_pct_global: toDecimal(discount_pct_global), valid_from } }));
  return (
    <FormDrawer title={t('billing.general')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <TextInput label={t('billing.discountField')} inputMode="decimal" data-autofocus {...form.getInputProps('discount_pct_global')} />
      <TextInput type="date" label={t('billing.from')} description={t('billing.fromAbout')} {...form.getInputProps('valid_from')} />
    </FormDrawer>
  );
}
