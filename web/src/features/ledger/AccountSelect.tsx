import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nameOf, useAccountChoices } from './queries';

const TYPING_MS = 200;

interface AccountSelectProps {
  entity: string;
  label?: string;
  'aria-label'?: string;
  placeholder?: string;
  description?: ReactNode;
  value: string | undefined;
  error?: ReactNode;
  required?: boolean;
  disabled?: boolean;
  w?: number;
  onChange: (code: string | undefined, isAuxiliary: boolean) => void;
}

/** An account of the chart by the beginning of its number or a part of its name. */
export function AccountSelect({ entity, value, onChange, ...props }: AccountSelectProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  // What is chosen stands in the field as `number · name`, and is not looked for.
  const [asked] = settled.split(' · ');
  const accounts = useAccountChoices(entity, asked ?? '');
  const found = (accounts.data?.items ?? []).filter((account) => account.postable);
  const data = found.map((account) => ({ value: account.code, label: `${account.code} · ${nameOf(account)}` }));
  if (value !== undefined && value !== '' && !data.some((one) => one.value === value)) data.unshift({ value, label: value });
  return (
    <Select
      searchable
      clearable={props.required !== true}
      data={data}
      filter={({ options }) => options}
      value={value ?? null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(code) => onChange(code ?? undefined, found.find((account) => account.code === code)?.is_auxiliary ?? false)}
      nothingFoundMessage={accounts.isPending ? t('palette.looking') : t('books.noAccount')}
      {...props}
    />
  );
}
