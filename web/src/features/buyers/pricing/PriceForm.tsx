import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BillingMode, PricingView, ProductPricing } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { BILLING_MODES } from '@/features/billing/queries';
import { toDecimal } from '@/lib/decimal';
import { FormDrawer } from '@/ui/FormDrawer';

/** A new price of a product from a day on. What held on days past never changes. */
export function PriceForm({ pricing, product, onClose }: { pricing: PricingView; product?: ProductPricing; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: {
      product: product?.product ?? '',
      unit_price_eur: product?.unit_price_eur ?? '',
      discount_pct: product?.discount_pct ?? pricing.discount_pct_global,
      billing_mode: product?.billing_mode ?? ('WEEKLY_INVOICE' as BillingMode),
      valid_from: pricing.today,
    },
    validate: { product: (code) => (code === '' ? t('common.required') : null), unit_price_eur: (text) => (text.trim() === '' ? t('common.required') : null) },
  });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('post', '/api/clients/{id}/pricing/product', {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((values) => save.mutate({
    params: { path: { id: pricing.buyer_id } },
    body: { ...values, unit_price_eur: toDecimal(values.unit_price_eur), discount_pct: toDecimal(values.discount_pct) || '0' },
  }));
  return (
    <FormDrawer title={t('billing.setPrice')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <Select label={t('common.product')} required disabled={product !== undefined} data={useProducts()} {...form.getInputProps('product')} />
      <TextInput label={t('billing.unitPriceField')} required inputMode="decimal" data-autofocus {...form.getInputProps('unit_price_eur')} />
      <TextInput label={t('billing.discountField')} description={t('billing.discountAbout')} inputMode="decimal" {...form.getInputProps('discount_pct')} />
      <Select label={t('billing.mode')} description={t('billing.modeAbout')} allowDeselect={false} data={BILLING_MODES.map((value) => ({ value, label: t(`billing.modes.${value}`) }))} {...form.getInputProps('billing_mode')} />
      <TextInput type="date" label={t('billing.from')} description={t('billing.fromAbout')} {...form.getInputProps('valid_from')} />
    </FormDrawer>
  );
}
