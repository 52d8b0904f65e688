import { Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { AccountClass, LedgerAccountView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { FormDrawer } from '@/ui/FormDrawer';
import { CLASSES } from './queries';

/** What the first digit of the French chart stands for. */
const CLASS_OF_DIGIT: Record<string, AccountClass> = { 1: 'equity', 2: 'asset', 3: 'asset', 4: 'liability', 5: 'asset', 6: 'expense', 7: 'income' };

/** A new account, or a change of its names and whether it is in use. */
export function AccountForm({ entity, account, onClose }: { entity: string; account?: LedgerAccountView; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { code: account?.code ?? '', name_fr: account?.name_fr ?? '', name_en: account?.name_en ?? '', class: account?.class ?? '', is_auxiliary: account?.is_auxiliary ?? false, active: account?.active ?? true },
    validate: {
      code: (code) => (code.trim() === '' ? t('common.required') : null),
      name_fr: (name) => (name.trim() === '' ? t('common.required') : null),
      class: (value) => (value === '' ? t('common.required') : null),
    },
  });
  const [version] = useState(() => account && versionOf(`/api/ledger/accounts/${account.id}`));
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const onError = (error: unknown) => void showFieldErrors(form, error);
  const done = async () => {
    onClose();
    await outcome.onSuccess();
  };
  const change = api.useMutation('put', '/api/ledger/accounts/{id}', { onError, onSuccess: done });
  const create = api.useMutation('post', '/api/ledger/accounts', {
    onError,
    onSuccess: async (made) => {
      await done();
      await navigate({ to: '/ledger/accounts/$accountId', params: { accountId: made.id } });
    },
  });
  const submit = form.onSubmit(({ active, ...values }) => {
    if (account) change.mutate({ params: { path: { id: account.id }, header: { 'If-Match': version } }, body: { active, name_fr: values.name_fr, name_en: values.name_en || null } });
    else create.mutate({ body: { entity, ...values, class: values.class as AccountClass, name_en: values.name_en || null } });
  });
  const typeCode = (event: { currentTarget: { value: string } }) => {
    const code = event.currentTarget.value;
    form.setFieldValue('code', code);
    const guess = CLASS_OF_DIGIT[code[0] ?? ''];
    if (guess) form.setFieldValue('class', guess);
  };
  return (
    <FormDrawer title={t(account ? 'books.accounts.edit' : 'books.accounts.new')} onClose={onClose} onSubmit={submit} saving={change.isPending || create.isPending} error={change.error ?? create.error}>
      <TextInput label={t('books.number')} description={account ? undefined : t('books.accounts.codeAbout')} required disabled={account !== undefined} {...form.getInputProps('code')} onChange={typeCode} {...(!account && { 'data-autofocus': true })} />
      <TextInput label={t('books.accounts.nameFr')} required {...form.getInputProps('name_fr')} />
      <TextInput label={t('books.accounts.nameEn')} {...form.getInputProps('name_en')} />
      <Select label={t('books.classLabel')} required allowDeselect={false} disabled={account !== undefined} data={CLASSES.map((value) => ({ value, label: t(`books.class.${value}`) }))} {...form.getInputProps('class')} />
      {!account && <Switch label={t('books.accounts.auxiliary')} description={t('books.accounts.auxiliaryAbout')} {...form.getInputProps('is_auxiliary', { type: 'checkbox' })} />}
      {account && <Switch label={t('books.accounts.active')} description={t('books.accounts.activeAbout')} {...form.getInputProps('active', { type: 'checkbox' })} />}
    </FormDrawer>
  );
}
