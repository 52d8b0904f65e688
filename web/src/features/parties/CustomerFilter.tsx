import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PartyRole } from '@/api/schema';
import { usePartyChoices } from './queries';

/** Looks for a customer or a supplier as one types, or only for those of a role; empty means all. */
export function CustomerFilter({ label, of, value, onChange }: { label?: string; of?: PartyRole; value: string | undefined; onChange: (party: string | undefined) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [wanted] = useDebouncedValue(typed, 250);
  const [near, setNear] = useState(false);
  const choices = usePartyChoices(wanted, value ?? '', near, of);
  return (
    <Select
      aria-label={label ?? t('invoices.customer')}
      placeholder={label ?? t('invoices.customer')}
      data={choices}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      onFocus={() => setNear(true)}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage={t('parties.noneFound')}
      searchable
      clearable
      w={170}
    />
  );
}
