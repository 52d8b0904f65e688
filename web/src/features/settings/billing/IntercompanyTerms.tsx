import { NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { VersionedIntercompanyTerms as Stored } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { language } from '@/i18n';
import { toDecimal, typedDecimal } from '@/lib/decimal';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { SettingForm } from '../SettingForm';

/** On which terms the entities of the group invoice each other. */
export function IntercompanyTerms({ stored }: { stored: Stored }) {
  const { t } = useTranslation();
  const { vat_rate: rate, vat_reason: reason, payment_terms_days: days } = stored.value;
  const form = useForm({ initialValues: { vat_rate: typedDecimal(rate ?? '0', language()), vat_reason: reason ?? '', payment_terms_days: (days ?? 30) as number | string } });
  const save = api.useMutation('put', '/api/intercompany/terms', {
    ...useOutcome({ done: t('common.saved'), quiet: true }),
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message), (field) => field.replace('value.', '')),
  });
  const submit = form.onSubmit((values) => save.mutate({ body: { value: { vat_rate: toDecimal(values.vat_rate), vat_reason: values.vat_reason.trim(), payment_terms_days: Number(values.payment_terms_days) }, version: stored.version } }));
  return (
    <SettingForm title={t('billingSettings.terms')} about={t('billingSettings.termsAbout')} changed={stored} saving={save.isPending} error={Object.keys(form.errors).length > 0 ? undefined : save.error} dirty={form.isDirty()} onSubmit={submit}>
      <Fields wide>
        <TextInput inputMode="decimal" label={t('billingSettings.vatRate')} {...form.getInputProps('vat_rate')} />
        <NumberInput label={t('billingSettings.termsDays')} min={0} max={365} allowDecimal={false} {...form.getInputProps('payment_terms_days')} />
      </Fields>
      <TextInput label={t('billingSettings.vatReason')} description={t('billingSettings.vatReasonAbout')} {...form.getInputProps('vat_reason')} />
    </SettingForm>
  );
}
