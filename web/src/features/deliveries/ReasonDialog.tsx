import { Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DeliveryRow, RemovalReason } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Dialog } from '@/ui/overlays';

const REASONS: RemovalReason[] = ['refus_client', 'doublon', 'hors_zone', 'mauvaise_commande', 'test', 'autre'];

/** Takes a delivery back: refused by the buyer, withdrawn by us, or given up before it was sent. The reason is kept. */
export function ReasonDialog({ delivery, kind, onClose }: { delivery: DeliveryRow; kind: 'reject' | 'remove' | 'cancel'; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t(`deliveries.done.${kind}`) });
  const after = {
    ...outcome,
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  };
  const reject = api.useMutation('post', '/api/deliveries/{id}/reject-leads', after);
  const remove = api.useMutation('post', '/api/deliveries/{id}/remove-lead', after);
  const cancel = api.useMutation('post', '/api/deliveries/{id}/cancel', after);
  const form = useForm({
    initialValues: { reason: 'refus_client' as RemovalReason, text: '' },
    validate: { text: (text) => (kind !== 'remove' && text.trim() === '' ? t('common.required') : null) },
  });
  const submit = form.onSubmit(({ reason, text }) => {
    const path = { params: { path: { id: delivery.id } } };
    if (kind === 'reject') reject.mutate({ ...path, body: { reason: text } });
    else if (kind === 'remove') remove.mutate({ ...path, body: { reason, reason_detail: text } });
    else cancel.mutate({ ...path, body: { reason: text } });
  });
  return (
    <Dialog onClose={onClose} title={t(`deliveries.ask.${kind}`)}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">{t(`deliveries.follows.${kind}`)}</Text>
          {kind === 'remove' && (
            <Select label={t('common.reason')} allowDeselect={false} data={REASONS.map((value) => ({ value, label: t(`deliveries.removal.${value}`) }))} {...form.getInputProps('reason')} />
          )}
          <Textarea label={t(kind === 'reject' ? 'deliveries.buyersWords' : kind === 'remove' ? 'common.details' : 'common.reason')} data-autofocus {...form.getInputProps('text')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" color="red.8" loading={reject.isPending || remove.isPending || cancel.isPending}>{t(`deliveries.${kind}`)}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
