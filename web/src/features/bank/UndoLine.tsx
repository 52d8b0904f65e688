import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatMoney } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';

/** Undoes what became of a line, with a reason. */
export function UndoLine({ line, onClose }: { line: BankLineView; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (reason) => (reason.trim() === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('bank.undone'), quiet: true });
  const undo = api.useMutation('post', '/api/bank/lines/{id}/unmatch', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer title={t('bank.undoTitle')} submitLabel={t('bank.undo')} onClose={onClose} onSubmit={form.onSubmit((body) => undo.mutate({ params: { path: { id: line.id } }, body }))} saving={undo.isPending} error={undo.error}>
      <div><strong>{line.counterparty ?? line.label}</strong> · {formatMoney(line.amount, line.currency)}</div>
      <div className="muted">{t('bank.undoAbout')}</div>
      <TextInput label={t('common.reason')} required data-autofocus {...form.getInputProps('reason')} />
    </FormDrawer>
  );
}
