import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Dialog } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';

/** Writes down what a customer answered to an offer, and how that is known. */
export function AnswerDialog({ document, accepted, onClose }: { document: DocumentDetail; accepted: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const form = useForm({ initialValues: { evidence: '' }, validate: { evidence: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const answer = api.useMutation('post', '/api/documents/{id}/answer', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const word = t(accepted ? 'invoices.answer.accepted' : 'invoices.answer.refused');
  return (
    <Dialog onClose={onClose} title={word}>
      <form noValidate onSubmit={form.onSubmit(({ evidence }) => answer.mutate({ params: { path: { id: document.id } }, body: { accepted, evidence } }))}>
        <Stack>
          <TextInput label={t('invoices.answer.evidence')} description={t('invoices.answer.evidenceAbout')} required data-autofocus {...form.getInputProps('evidence')} />
          {answer.error && <ProblemBox error={answer.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" loading={answer.isPending} {...(!accepted && { color: 'red.8' })}>{word}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
