import { SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { CreateItem, Item, UpdateItem } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { useVatReasons } from '@/features/parties/vat-reasons';
import { language } from '@/i18n';
import { today } from '@/lib/day';
import { readAmount, shortDecimal, toDecimal, typedMoney } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { useUnits, useVatRates } from './queries';

const CATEGORIES = ['standard', 'reverse_charge', 'intra_community', 'export', 'exempt', 'out_of_scope'] as const;

interface ItemValues extends Record<string, unknown> {
  code: string;
  name: string;
  description: string;
  kind: string;
  unit_code: string;
  vat_rate: string;
  vat_category: string;
  vat_reason: string;
  sale_price: string;
  price_valid_from: string;
  currency: string;
  active: boolean;
}

function valuesOf(item: Item | undefined): ItemValues {
  return {
    code: item?.code ?? '',
    name: item?.name ?? '',
    description: item?.description ?? '',
    kind: item?.kind ?? 'service',
    unit_code: item?.unit_code ?? 'C62',
    vat_rate: item ? shortDecimal(item.vat_rate) : '20',
    vat_category: item?.vat_category ?? 'standard',
    vat_reason: item?.vat_reason ?? '',
    sale_price: item?.sale_price ? typedMoney(item.sale_price, language()) : '',
    price_valid_from: today(),
    currency: item?.currency ?? 'EUR',
    active: item?.active ?? true,
  };
}

/** A new item of the catalogue, or changes to one: its price from a day on, its unit, its VAT. */
export function ProductDrawer({ item, onClose }: { item?: Item; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay()('billing.manage');
  const [version] = useState(() => item && versionOf(`/api/products/${item.code}`));
  const { form, restored, drop, giveUp } = useDraft<ItemValues>(`item-${item?.code ?? 'new'}`, {
    initialValues: valuesOf(item),
    validate: {
      code: (code) => (item === undefined && code.trim() === '' ? t('common.required') : null),
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      sale_price: (price) => (price.trim() !== '' && readAmount(price) === undefined ? t('field.amount') : null),
    },
  });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const after = {
    onError: (error: unknown) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      drop();
      onClose();
      await outcome.onSuccess();
    },
  };
  const create = api.useMutation('post', '/api/products', after);
  const update = api.useMutation('put', '/api/products/{code}', after);
  const submit = form.onSubmit(({ code, active, sale_price, price_valid_from, ...values }) => {
    const price = toDecimal(sale_price);
    // A price that stays begins nothing new.
    const changed = price !== '' && (item?.sale_price === undefined || item.sale_price === null || readAmount(price) !== readAmount(item.sale_price));
    const body = { ...values, vat_rate: toDecimal(values.vat_rate), ...(changed && { sale_price: price, price_valid_from }) };
    if (item) update.mutate({ params: { path: { code: item.code }, header: { 'If-Match': version } }, body: { ...body, active } as UpdateItem });
    else create.mutate({ body: { ...body, code } as CreateItem });
  });
  const reasons = useVatReasons(form.values.vat_rate === '20' ? '20' : form.values.vat_rate);
  return (
    <FormDrawer title={item ? item.name : t('products.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error} restored={restored} onGiveUp={giveUp}>
      <Fields disabled={!may}>
        {!item && <TextInput label={t('products.code')} description={t('products.codeAbout')} required data-autofocus {...form.getInputProps('code')} />}
        <TextInput label={t('common.name')} required data-autofocus={item !== undefined} {...form.getInputProps('name')} />
        <Textarea label={t('products.description')} description={t('products.descriptionAbout')} minRows={2} {...form.getInputProps('description')} />
        <SegmentedControl aria-label={t('products.kind')} data={[{ value: 'service', label: t('products.kinds.service') }, { value: 'goods', label: t('products.kinds.goods') }]} {...form.getInputProps('kind')} />
        <Fields wide>
          <Select label={t('products.unit')} data={useUnits()} searchable allowDeselect={false} {...form.getInputProps('unit_code')} />
          <Select label={t('invoices.vat')} data={useVatRates()} allowDeselect={false} {...form.getInputProps('vat_rate')} />
          {form.values.vat_rate === '0' && <Select label={t('products.category')} data={CATEGORIES.map((value) => ({ value, label: t(`products.categories.${value}`) }))} allowDeselect={false} {...form.getInputProps('vat_category')} />}
          {reasons.length > 0 && <Select label={t('invoices.vatReason')} data={reasons} searchable clearable {...form.getInputProps('vat_reason')} value={form.values.vat_reason || null} onChange={(chosen) => form.setFieldValue('vat_reason', chosen ?? '')} />}
        </Fields>
        <Fields wide legend={t('products.price')}>
          <TextInput label={t('products.priceNet')} inputMode="decimal" {...form.getInputProps('sale_price')} />
          <TextInput label={t('invoices.currency')} maxLength={3} {...form.getInputProps('currency')} />
          <TextInput type="date" label={t('products.from')} {...form.getInputProps('price_valid_from')} />
        </Fields>
        {item && <Prices code={item.code} />}
        {item && <Switch label={t('products.sold')} description={t('products.soldAbout')} {...form.getInputProps('active', { type: 'checkbox' })} />}
      </Fields>
    </FormDrawer>
  );
}

/** The prices by the day they hold from, the latest first. */
function Prices({ code }: { code: string }) {
  const { t } = useTranslation();
  const prices = api.useQuery('get', '/api/products/{code}/prices', { params: { path: { code } } }).data ?? [];
  if (prices.length === 0) return null;
  return (
    <table className="plain" aria-label={t('products.prices')}>
      <tbody>
        {prices.map((price) => (
          <tr key={`${price.valid_from} ${price.currency}`}>
            <td>{t('products.since', { day: formatDay(price.valid_from) })}</td>
            <td className="end">{formatMoney(price.amount, price.currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
