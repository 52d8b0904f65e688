import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PaymentDetail } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { today } from '@/lib/day';
import { formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { Dialog } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';

/** Takes a payment back, and says which documents are open again afterwards. */
export function BounceDialog({ payment, onClose }: { payment: PaymentDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { reason: '', on: today() }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('payments.bounce.done'), quiet: true });
  const bounce = api.useMutation('post', '/api/payments/{id}/bounce', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const reopened = payment.settlements.filter((row) => !row.released_on);
  return (
    <Dialog onClose={onClose} title={t('payments.bounce.title')}>
      <form noValidate onSubmit={form.onSubmit((values) => bounce.mutate({ params: { path: { id: payment.id } }, body: values }))}>
        <Stack>
          <div>{t('payments.bounce.about')}</div>
          {reopened.length > 0 && (
            <div>
              {t('payments.bounce.reopens')}
              <ul style={{ margin: '0.25rem 0 0' }}>{reopened.map((row) => <li key={row.id}>{row.document_number ?? t('invoices.kind.invoice')} · {formatMoney(row.amount, payment.currency)}</li>)}</ul>
            </div>
          )}
          <TextInput label={t('payments.bounce.reason')} description={t('payments.bounce.reasonAbout')} required data-autofocus {...form.getInputProps('reason')} />
          <TextInput type="date" label={t('payments.on')} max={today()} {...form.getInputProps('on')} />
          {bounce.error && <ProblemBox error={bounce.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" color="red.8" loading={bounce.isPending}>{t('payments.bounce.label')}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
