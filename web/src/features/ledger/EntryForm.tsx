import { ActionIcon, Button, Group, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { randomId } from '@mantine/hooks';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { isNegative, isZero, minus, opposite, readAmount, sum } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import { today } from '@/lib/day';
import { FormDrawer } from '@/ui/FormDrawer';
import { Fields } from '@/ui/Fields';
import { Pill } from '@/ui/layout';
import { AccountSelect } from './AccountSelect';
import css from './books.module.css';
import { PartySelect } from './PartySelect';
import { useBook } from './queries';

interface Line {
  key: string;
  account: string;
  isAuxiliary: boolean;
  party: string;
  label: string;
  debit: string;
  credit: string;
}

type Values = { label: string; on: string; piece_ref: string; lines: Line[] };

const LINE: Omit<Line, 'key'> = { account: '', isAuxiliary: false, party: '', label: '', debit: '', credit: '' };

function amountsOf(lines: readonly Line[], side: 'debit' | 'credit'): string[] {
  return lines.map((line) => readAmount(line[side]) ?? '0');
}

function balanceOf(lines: readonly Line[]): { debit: string; credit: string; missing: string } {
  const debit = sum(amountsOf(lines, 'debit'));
  const credit = sum(amountsOf(lines, 'credit'));
  return { debit, credit, missing: minus(debit, credit) };
}

/** An entry by hand, in the journal of miscellaneous operations; it says at once whether it balances. */
export function EntryForm({ entity, onClose }: { entity: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const currency = useBook(entity).data?.functional ?? 'EUR';
  const notEven = ({ missing }: { missing: string }) => t(isNegative(missing) ? 'books.entry.missingDebit' : 'books.entry.missingCredit', { amount: formatMoney(isNegative(missing) ? opposite(missing) : missing, currency) });
  const { form, restored, drop, giveUp } = useDraft<Values>('entry', {
    initialValues: { label: '', on: today(), piece_ref: '', lines: [{ ...LINE, key: 'first' }, { ...LINE, key: 'second' }] },
    validate: {
      label: (label) => (label.trim() === '' ? t('common.required') : null),
      lines: {
        account: (account) => (account === '' ? t('common.required') : null),
        party: (party, { lines }, path) => (lines[Number(path.split('.')[1])]?.isAuxiliary && party === '' ? t('common.required') : null),
        debit: (debit, { lines }, path) => (debit === '' && lines[Number(path.split('.')[1])]?.credit !== '' ? null : amountError(debit)),
        credit: (credit) => (credit === '' ? null : amountError(credit)),
      },
    },
  });
  const amountError = (typed: string) => (readAmount(typed) === undefined ? t('books.entry.noAmount') : null);
  const { lines } = form.values;
  const balance = balanceOf(lines);
  const outcome = useOutcome({ done: t('books.entry.posted'), quiet: true });
  const post = api.useMutation('post', '/api/ledger/entries', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async (entry) => {
      drop();
      onClose();
      await outcome.onSuccess();
      await navigate({ to: '/ledger/entries/$entryId', params: { entryId: entry.id } });
    },
  });
  const submit = form.onSubmit((values) => {
    if (!isZero(balance.missing)) {
      form.setFieldError('balance', notEven(balance));
      return;
    }
    const body = values.lines.map(({ account, party, label, debit, credit }) => ({ account, ...(party && { party_id: party }), ...(label && { label }), ...(debit !== '' && { debit: readAmount(debit) ?? debit }), ...(credit !== '' && { credit: readAmount(credit) ?? credit }) }));
    post.mutate({ body: { entity, label: values.label, on: values.on || null, piece_ref: values.piece_ref, lines: body } });
  });
  return (
    <FormDrawer size="56rem" title={t('books.entry.new')} submitLabel={t('books.entry.post')} onClose={onClose} onSubmit={submit} saving={post.isPending} error={post.error} restored={restored} onGiveUp={giveUp}>
      <Fields wide>
        <TextInput label={t('books.label')} required data-autofocus {...form.getInputProps('label')} />
        <TextInput label={t('books.date')} type="date" required {...form.getInputProps('on')} />
        <TextInput label={t('books.piece')} {...form.getInputProps('piece_ref')} />
      </Fields>
      <div className={`${css.line} ${css.lineHead}`} aria-hidden>
        <span>{t('books.account')}</span>
        <span>{t('books.lineLabel')}</span>
        <span>{t('books.debit')}</span>
        <span>{t('books.credit')}</span>
      </div>
      {lines.map((line, index) => <EntryLine key={line.key} form={form} entity={entity} index={index} line={line} />)}
      <Group justify="space-between">
        <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => form.insertListItem('lines', { ...LINE, key: randomId() })}>{t('books.entry.addLine')}</Button>
      </Group>
      <div className={css.balance} aria-live="polite">
        <span>{t('books.debit')} <strong>{formatMoney(balance.debit, currency)}</strong></span>
        <span>{t('books.credit')} <strong>{formatMoney(balance.credit, currency)}</strong></span>
        {isZero(balance.missing) ? <Pill tone={isZero(balance.debit) ? 'neutral' : 'good'}>{t('books.balance.even')}</Pill> : <Pill tone={form.errors.balance ? 'bad' : 'warn'}>{notEven(balance)}</Pill>}
      </div>
      {form.errors.balance && !isZero(balance.missing) && <div role="alert" style={{ color: 'var(--bad)' }}>{t('books.entry.refused')}</div>}
    </FormDrawer>
  );
}

function EntryLine({ form, entity, index, line }: { form: UseFormReturnType<Values>; entity: string; index: number; line: Line }) {
  const { t } = useTranslation();
  const name = (field: string) => `lines.${index}.${field}`;
  const of = { index: index + 1 };
  // An amount on one side takes away what stood on the other.
  const onlyHere = (side: 'debit' | 'credit') => ({
    ...form.getInputProps(name(side)),
    onChange: (event: { currentTarget: { value: string } }) => {
      form.setFieldValue(name(side), event.currentTarget.value as never);
      if (event.currentTarget.value !== '') form.setFieldValue(name(side === 'debit' ? 'credit' : 'debit'), '' as never);
    },
    inputMode: 'decimal' as const,
    className: css.amountField ?? '',
  });
  return (
    <div className={css.line} role="group" aria-label={t('books.entry.line', of)}>
      <div>
        <AccountSelect
          entity={entity}
          aria-label={t('books.account')}
          placeholder={t('books.account')}
          required
          value={line.account}
          error={form.errors[name('account')]}
          onChange={(code, isAuxiliary) => {
            form.setFieldValue(name('account'), (code ?? '') as never);
            form.setFieldValue(name('isAuxiliary'), isAuxiliary as never);
          }}
        />
      </div>
      <TextInput aria-label={t('books.lineLabel')} placeholder={form.values.label || t('books.lineLabel')} {...form.getInputProps(name('label'))} />
      <TextInput aria-label={t('books.debit')} placeholder={t('books.debit')} {...onlyHere('debit')} />
      <TextInput aria-label={t('books.credit')} placeholder={t('books.credit')} {...onlyHere('credit')} />
      <ActionIcon aria-label={t('books.entry.removeLine', of)} disabled={form.values.lines.length <= 2} onClick={() => form.removeListItem('lines', index)}><IconX size={15} /></ActionIcon>
      {line.isAuxiliary && (
        <div className={css.party}><PartySelect entity={entity} aria-label={t('books.party')} placeholder={t('books.party')} required value={line.party} error={form.errors[name('party')]} onChange={(id) => form.setFieldValue(name('party'), (id ?? '') as never)} /></div>
      )}
    </div>
  );
}
