import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { AccountSelect } from '@/features/ledger/AccountSelect';
import { useRoles } from '@/features/ledger/queries';
import { isNegative } from '@/lib/decimal';
import { ProblemBox } from '@/ui/states';

/** Posts a line to an account of the books: bank charges, interest, rent, money between own accounts. */
export function PostLine({ line, onDone }: { line: BankLineView; onDone: () => void }) {
  const { t } = useTranslation();
  const roles = useRoles(line.entity);
  const form = useForm({ initialValues: { account: '', label: '', vat_rate: '' }, validate: { account: (account) => (account === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('bank.posted'), quiet: true });
  const post = api.useMutation('post', '/api/bank/lines/{id}/post', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onDone();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ account, label, vat_rate: rate }) => post.mutate({ params: { path: { id: line.id } }, body: { account, ...(label && { label }), ...(rate && { vat_rate: rate.replace(',', '.') }) } }));
  // What is most often posted by hand, at one click.
  const usual = (['bank_fees', 'transit'] as const).flatMap((role) => {
    const code = roles.data?.find((one) => one.role === role)?.account;
    return code ? [{ role, code }] : [];
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Group gap="xs">{usual.map(({ role, code }) => <Button key={role} variant="default" size="compact-xs" onClick={() => form.setFieldValue('account', code)}>{t(`books.role.${role}`)}</Button>)}</Group>
        <AccountSelect entity={line.entity} label={t('books.account')} required value={form.values.account} error={form.errors.account} onChange={(code) => form.setFieldValue('account', code ?? '')} />
        <TextInput label={t('books.label')} placeholder={line.label} {...form.getInputProps('label')} />
        {isNegative(line.amount) && <TextInput label={t('bank.vatRate')} description={t('bank.vatRateAbout')} inputMode="decimal" {...form.getInputProps('vat_rate')} />}
        {post.error !== null && <ProblemBox error={post.error} />}
        <Group justify="flex-end"><Button type="submit" loading={post.isPending}>{t('books.entry.post')}</Button></Group>
      </Stack>
    </form>
  );
}
