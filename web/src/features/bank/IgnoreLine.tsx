import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { ProblemBox } from '@/ui/states';

/** Leaves a line out of the books, with a reason. */
export function IgnoreLine({ line, onDone }: { line: BankLineView; onDone: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (reason) => (reason.trim() === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('bank.ignored'), quiet: true });
  const ignore = api.useMutation('post', '/api/bank/lines/{id}/ignore', {
    onSuccess: async () => {
      onDone();
      await outcome.onSuccess();
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => ignore.mutate({ params: { path: { id: line.id } }, body }))} noValidate>
      <Stack gap="sm">
        <div className="muted">{t('bank.ignoreAbout')}</div>
        <TextInput label={t('common.reason')} required {...form.getInputProps('reason')} />
        {ignore.error !== null && <ProblemBox error={ignore.error} />}
        <Group justify="flex-end"><Button type="submit" loading={ignore.isPending}>{t('bank.ignore')}</Button></Group>
      </Stack>
    </form>
  );
}
