import { MultiSelect, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { CreateParty, PartyRole, PartyView, UpdateParty } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity } from '@/app/session';
import { useVatRates } from '@/features/products/queries';
import { shortDecimal, toDecimal } from '@/lib/decimal';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { useVatReasons } from './vat-reasons';

const TEXTS = ['name', 'legal_name', 'contact_name', 'phone', 'notes', 'registration_number', 'address_line1', 'address_line2', 'postal_code', 'city', 'country', 'language', 'currency', 'vat_reason'] as const;
/** Empty where there is none. */
const MAYBE = ['siren', 'siret', 'vat_number', 'email', 'iban', 'electronic_address'] as const;

function valuesOf(party: PartyView | undefined, name: string) {
  const texts = Object.fromEntries(TEXTS.map((field) => [field, party?.[field] ?? ''])) as Record<(typeof TEXTS)[number], string>;
  const maybe = Object.fromEntries(MAYBE.map((field) => [field, party?.[field] ?? ''])) as Record<(typeof MAYBE)[number], string>;
  return {
    ...texts,
    ...maybe,
    name: party?.name ?? name,
    country: party?.country ?? 'FR',
    language: party?.language ?? 'fr',
    currency: party?.currency ?? 'EUR',
    is_consumer: party?.is_consumer ? 'person' : 'company',
    roles: (party?.roles ?? ['customer']).filter((role) => role !== 'buyer') as string[],
    vat_rate: party ? shortDecimal(party.vat_rate) : '20',
    payment_terms_days: String(party?.payment_terms_days ?? 30),
  };
}

/** A new customer or supplier, or changes to one. A number that cannot be is refused at its field. */
export function PartyForm({ party, name = '', onClose, onSaved }: { party?: PartyView; name?: string; onClose: () => void; onSaved?: (party: PartyView) => void }) {
  const { t } = useTranslation();
  const entity = useEntity();
  const rates = useVatRates();
  const reasons = useVatReasons();
  const [version] = useState(() => party && versionOf(`/api/parties/${party.id}`));
  const { form, restored, drop, giveUp } = useDraft(`party-${party?.id ?? 'new'}`, {
    initialValues: valuesOf(party, name),
    validate: {
      name: (text) => (text.trim() === '' ? t('common.required') : null),
      payment_terms_days: (days) => (/^\d{1,3}$/.test(days.trim()) ? null : t('field.between', { a: '0', b: '365' })),
    },
  });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const after = {
    onError: (error: unknown) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async (saved: PartyView) => {
      drop();
      onClose();
      onSaved?.(saved);
      await outcome.onSuccess();
    },
  };
  const create = api.useMutation('post', '/api/parties', after);
  const update = api.useMutation('put', '/api/parties/{id}', after);
  const submit = form.onSubmit((values) => {
    const maybe = Object.fromEntries(MAYBE.map((field) => [field, values[field].trim() || null]));
    const isBuyer = party?.roles.includes('buyer') ?? false;
    const body = {
      ...values,
      ...maybe,
      is_consumer: values.is_consumer === 'person',
      roles: [...(values.roles as PartyRole[]), ...(isBuyer ? ['buyer' as const] : [])],
      vat_rate: toDecimal(values.vat_rate),
      payment_terms_days: Number(values.payment_terms_days),
    };
    if (party) update.mutate({ params: { path: { id: party.id }, header: { 'If-Match': version } }, body: body as UpdateParty });
    else create.mutate({ body: { ...body, ...(entity !== undefined && { entity }) } as CreateParty });
  });
  const isPerson = form.values.is_consumer === 'person';
  const text = (field: keyof typeof form.values & string) => ({ label: t(`parties.field.${field as 'name'}`), ...form.getInputProps(field) });
  return (
    <FormDrawer title={t(party ? 'parties.edit' : 'parties.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error} restored={restored} onGiveUp={giveUp}>
      <SegmentedControl aria-label={t('parties.kind')} data={[{ value: 'company', label: t('parties.company') }, { value: 'person', label: t('parties.person') }]} {...form.getInputProps('is_consumer')} />
      <TextInput required data-autofocus {...text('name')} />
      {!isPerson && (
        <Fields wide legend={t('parties.identity')}>
          <TextInput inputMode="numeric" {...text('siren')} />
          <TextInput inputMode="numeric" {...text('siret')} />
          <TextInput {...text('vat_number')} />
          <TextInput {...text('legal_name')} />
          {form.values.country.toUpperCase() !== 'FR' && <TextInput {...text('registration_number')} />}
        </Fields>
      )}
      <Fields legend={t('parties.billingAddress')}>
        <TextInput autoComplete="off" {...text('address_line1')} />
        <TextInput autoComplete="off" {...text('address_line2')} />
        <Fields wide>
          <TextInput {...text('postal_code')} />
          <TextInput {...text('city')} />
          <TextInput maxLength={2} {...text('country')} />
        </Fields>
      </Fields>
      <Fields wide legend={t('parties.contact')}>
        <TextInput {...text('contact_name')} />
        <TextInput type="email" {...text('email')} />
        <TextInput type="tel" {...text('phone')} />
      </Fields>
      <Fields wide legend={t('parties.billing')}>
        <TextInput inputMode="numeric" {...text('payment_terms_days')} />
        <Select data={rates} allowDeselect={false} {...text('vat_rate')} />
        {form.values.vat_rate !== '20' && <Select data={reasons} searchable clearable {...text('vat_reason')} value={form.values.vat_reason || null} onChange={(chosen) => form.setFieldValue('vat_reason', chosen ?? '')} />}
        <Select data={[{ value: 'fr', label: t('legal.fr') }, { value: 'en', label: t('legal.en') }]} allowDeselect={false} {...text('language')} />
        <TextInput maxLength={3} {...text('currency')} />
        <TextInput {...text('iban')} />
        {!isPerson && <TextInput {...text('electronic_address')} />}
      </Fields>
      <MultiSelect data={(['customer', 'supplier'] as const).map((role) => ({ value: role, label: t(`parties.role.${role}`) }))} {...text('roles')} />
      <Textarea {...text('notes')} />
    </FormDrawer>
  );
}
