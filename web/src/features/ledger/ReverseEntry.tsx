import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerEntryDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { today } from '@/lib/day';
import { FormDrawer } from '@/ui/FormDrawer';

/** Takes an entry back by its mirror: says why, and on which day. */
export function ReverseEntry({ entry }: { entry: LedgerEntryDetail }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const form = useForm({ initialValues: { label: '', on: today() }, validate: { label: (label) => (label.trim() === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('books.entry.isReversed'), quiet: true });
  const reverse = api.useMutation('post', '/api/ledger/entries/{id}/reversal', {
    onSuccess: async (made) => {
      setAsking(false);
      await outcome.onSuccess();
      await navigate({ to: '/ledger/entries/$entryId', params: { entryId: made.id } });
    },
  });
  const submit = form.onSubmit(({ label, on }) => reverse.mutate({ params: { path: { id: entry.id } }, body: { label, ...(on && { on }) } }));
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => setAsking(true)}>{t('books.entry.reverse')}</Button>
      {asking && (
        <FormDrawer title={t('books.entry.reverseTitle', { reference: entry.reference })} submitLabel={t('books.entry.reverse')} onClose={() => setAsking(false)} onSubmit={submit} saving={reverse.isPending} error={reverse.error}>
          <div className="muted">{t('books.entry.reverseAbout')}</div>
          <TextInput label={t('common.reason')} required data-autofocus {...form.getInputProps('label')} />
          <TextInput label={t('books.date')} type="date" {...form.getInputProps('on')} />
        </FormDrawer>
      )}
    </>
  );
}
