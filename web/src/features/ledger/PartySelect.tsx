import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';

const TYPING_MS = 200;

/** A customer or supplier by a part of his name. */
export function PartySelect({ entity, value, onChange, ...props }: {
  entity: string; value: string | undefined; label?: string; 'aria-label'?: string; placeholder?: string; required?: boolean; error?: React.ReactNode; onChange: (id: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const [asked] = settled.split(' · ');
  const parties = api.useQuery('get', '/api/parties', { params: { query: { entity, limit: 50, ...(asked && { search: asked }) } } }, { staleTime: 60_000 });
  const data = (parties.data?.items ?? []).map((party) => ({ value: party.id, label: `${party.name} · ${party.code}` }));
  return (
    <Select
      searchable
      clearable
      data={data}
      filter={({ options }) => options}
      value={value ?? null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => onChange(id ?? undefined)}
      nothingFoundMessage={t('palette.nothing')}
      {...props}
    />
  );
}
