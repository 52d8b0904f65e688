import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { Dialog } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';
import { useClosing, useOpenedAt } from './queries';

/** Says that an invoice is not owed, and why. */
export function RefuseDialog({ invoice, onClose }: { invoice: IncomingInvoiceDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const asOpened = useOpenedAt(invoice.id);
  const refuse = api.useMutation('post', '/api/incoming-invoices/{id}/refusal', useClosing(t('purchases.refuse.done'), onClose));
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  return (
    <Dialog onClose={onClose} title={t('purchases.refuse.title')}>
      <form noValidate onSubmit={form.onSubmit((body) => refuse.mutate({ ...asOpened, body }))}>
        <Stack>
          <Text size="sm" c="dimmed">{t('purchases.refuse.about')}</Text>
          <Textarea label={t('common.reason')} required data-autofocus autosize minRows={2} maxLength={500} {...form.getInputProps('reason')} />
          {refuse.error && <ProblemBox error={refuse.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" color="red.8" loading={refuse.isPending}>{t('purchases.refuse.label')}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
