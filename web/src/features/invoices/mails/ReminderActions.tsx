import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ReminderView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { formatMoney } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { Dialog } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';

/** What can be done with a reminder as it stands. */
export function ReminderActions({ reminder }: { reminder: ReminderView }) {
  const { t } = useTranslation();
  const off = !useOneEntity();
  const [bouncing, setBouncing] = useState(false);
  const send = api.useMutation('post', '/api/reminders/{id}/send', useOutcome({ done: t('reminders.now.done') }));
  return (
    <>
      {reminder.can.includes('send') && (
        <ConfirmButton compact label={t('reminders.send.label')} title={t('reminders.send.title', { step: t(`reminders.step.${reminder.step}`) })} disabled={off} loading={send.isPending} onConfirm={() => send.mutate({ params: { path: { id: reminder.id } } })}>
          {t('reminders.send.about', { customer: reminder.party_name, amount: formatMoney(reminder.balance, reminder.currency), number: reminder.document_number ?? '' })}
        </ConfirmButton>
      )}
      {reminder.can.includes('bounce') && <Button variant="subtle" size="compact-sm" disabled={off} onClick={() => setBouncing(true)}>{t('reminders.bounce.label')}</Button>}
      {bouncing && <Bounce reminder={reminder.id} onClose={() => setBouncing(false)} />}
    </>
  );
}

function useSaved(done: string, onClose: () => void) {
  const outcome = useOutcome({ done, quiet: true });
  return {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  };
}

function Bounce({ reminder, onClose }: { reminder: string; onClose: () => void }) {
  const { t } = useTranslation();
  const bounce = api.useMutation('post', '/api/reminders/{id}/bounce', useSaved(t('reminders.bounce.done'), onClose));
  return <Why kind="bounce" saving={bounce.isPending} error={bounce.error} onClose={onClose} onSay={(reason) => bounce.mutate({ params: { path: { id: reminder } }, body: { reason } })} />;
}

/** Asks what a customer contests: nobody is reminded of the invoice from then on. */
export function Suspend({ document, onClose }: { document: string; onClose: () => void }) {
  const { t } = useTranslation();
  const suspend = api.useMutation('post', '/api/documents/{id}/reminders/suspension', useSaved(t('reminders.suspend.done'), onClose));
  return <Why kind="suspend" saving={suspend.isPending} error={suspend.error} onClose={onClose} onSay={(reason) => suspend.mutate({ params: { path: { id: document } }, body: { reason } })} />;
}

function Why({ kind, saving, error, onClose, onSay }: { kind: 'bounce' | 'suspend'; saving: boolean; error: unknown; onClose: () => void; onSay: (reason: string) => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  return (
    <Dialog onClose={onClose} title={t(`reminders.${kind}.title`)}>
      <form noValidate onSubmit={form.onSubmit(({ reason }) => onSay(reason))}>
        <Stack>
          <div>{t(`reminders.${kind}.about`)}</div>
          <Textarea label={t(`reminders.${kind}.reason`)} required data-autofocus autosize minRows={2} maxLength={500} {...form.getInputProps('reason')} />
          {error !== null && error !== undefined && <ProblemBox error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" loading={saving}>{t(`reminders.${kind}.label`)}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
