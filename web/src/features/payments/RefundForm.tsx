import { Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PayMethod } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { usePayMethods } from '@/features/invoices/status';
import { language } from '@/i18n';
import { today } from '@/lib/day';
import { readAmount, toDecimal, typedMoney } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';

/** Gives back what is left of a payment or of a credit note, or a part of it; how is asked. */
export function RefundForm({ of, path, rest, currency, onClose }: {
  of: '/api/payments/{id}/refunds' | '/api/documents/{id}/refunds'; path: { path: { id: string } }; rest: string; currency: string; onClose: () => void;
}) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { amount: typedMoney(rest, language()), method: '', on: today(), reference: '' },
    validate: { amount: (typed) => (readAmount(typed) === undefined ? t('field.amount') : null), method: (method) => (method === '' ? t('common.required') : null) },
  });
  const outcome = useOutcome({ done: t('payments.refunded'), quiet: true });
  const refund = api.useMutation('post', of, {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ amount, method, on, reference }) => refund.mutate({ params: path, body: { amount: toDecimal(amount), method: method as PayMethod, on, reference } }));
  return (
    <FormDrawer title={t('payments.refund')} onClose={onClose} onSubmit={submit} saving={refund.isPending} error={refund.error} submitLabel={t('payments.refund')}>
      <Text size="sm">{t('payments.left', { amount: formatMoney(rest, currency) })}</Text>
      <TextInput label={t('payments.amount')} required inputMode="decimal" data-autofocus rightSection={<span className="muted">{currency}</span>} rightSectionWidth={44} {...form.getInputProps('amount')} />
      <Select label={t('payments.methodLabel')} required data={usePayMethods()} placeholder={t('payments.methodAsk')} {...form.getInputProps('method')} />
      <TextInput type="date" label={t('payments.on')} required max={today()} {...form.getInputProps('on')} />
      <TextInput label={t('payments.reference')} {...form.getInputProps('reference')} />
    </FormDrawer>
  );
}
