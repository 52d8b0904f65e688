import { Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { BankAccountView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { AccountSelect } from '@/features/ledger/AccountSelect';
import { FormDrawer } from '@/ui/FormDrawer';

/** A bank account to open, or its name and whether it is in use. */
export function BankAccountForm({ entity, account, onClose }: { entity: string; account?: BankAccountView; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: account?.name ?? '', iban: '', number: '', currency: '', ledger_account: '', active: account?.active ?? true },
    validate: { name: (name) => (name.trim() === '' ? t('common.required') : null) },
  });
  const [version] = useState(() => account && versionOf(`/api/bank/accounts/${account.id}`));
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const onError = (error: unknown) => void showFieldErrors(form, error);
  const done = async () => {
    onClose();
    await outcome.onSuccess();
  };
  const change = api.useMutation('patch', '/api/bank/accounts/{id}', { onError, onSuccess: done });
  const create = api.useMutation('post', '/api/bank/accounts', {
    onError,
    onSuccess: async (made) => {
      await done();
      await navigate({ to: '/bank/$accountId', params: { accountId: made.id } });
    },
  });
  const submit = form.onSubmit(({ name, iban, number, currency, ledger_account: ledger, active }) => {
    if (account) change.mutate({ params: { path: { id: account.id }, header: { 'If-Match': version } }, body: { name, active } });
    else create.mutate({ body: { entity, name, ...(iban && { iban: iban.replaceAll(/\s/g, '') }), ...(number && { number }), ...(currency && { currency: currency.toUpperCase() }), ...(ledger && { ledger_account: ledger }) } });
  });
  return (
    <FormDrawer title={t(account ? 'bank.edit' : 'bank.new')} onClose={onClose} onSubmit={submit} saving={change.isPending || create.isPending} error={change.error ?? create.error}>
      <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
      {account
        ? <Switch label={t('common.active')} description={t('bank.activeAbout')} {...form.getInputProps('active', { type: 'checkbox' })} />
        : (
          <>
            <TextInput label="IBAN" {...form.getInputProps('iban')} />
            <TextInput label={t('bank.number')} description={t('bank.numberAbout')} {...form.getInputProps('number')} />
            <TextInput label={t('books.currency')} placeholder="EUR" maxLength={3} {...form.getInputProps('currency')} />
            <AccountSelect entity={entity} label={t('bank.ledgerAccount')} description={t('bank.ledgerAccountAbout')} value={form.values.ledger_account} error={form.errors.ledger_account} onChange={(code) => form.setFieldValue('ledger_account', code ?? '')} />
          </>
        )}
    </FormDrawer>
  );
}
