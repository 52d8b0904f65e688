import { Button, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEntity, useMay } from '@/app/session';
import { PartyForm } from './PartyForm';
import { usePartyChoices } from './queries';

/** Chooses a customer by what one types of it; one that is not there yet is made without leaving the form. */
export function PartyPicker({ label, required, value = '', error, disabled, onChange, onBlur }: {
  label: string; required?: boolean; value?: string | undefined; error?: ReactNode; disabled?: boolean; onChange: (party: string) => void; onBlur?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const entity = useEntity();
  const [typed, setTyped] = useState('');
  const [wanted] = useDebouncedValue(typed, 200);
  const [creating, setCreating] = useState(false);
  const choices = usePartyChoices(wanted, value);
  return (
    <div>
      <Select
        label={label}
        required={required ?? false}
        disabled={disabled ?? false}
        placeholder={t('parties.pick')}
        data={choices}
        value={value === '' ? null : value}
        error={error}
        onChange={(chosen) => onChange(chosen ?? '')}
        onBlur={onBlur}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        nothingFoundMessage={t('parties.noneFound')}
        searchable
        allowDeselect={false}
      />
      {value === '' && !disabled && entity !== undefined && may('clients.create') && <Button mt={4} variant="subtle" size="compact-xs" onClick={() => setCreating(true)}>{t('parties.new')}</Button>}
      {creating && <PartyForm name={typed} onClose={() => setCreating(false)} onSaved={(party) => onChange(party.id)} />}
    </div>
  );
}
