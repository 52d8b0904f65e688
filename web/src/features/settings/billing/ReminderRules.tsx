import { Button, Group, NumberInput, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ReminderPolicy, VersionedReminderSettings as Stored } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { formatDay } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { SettingForm } from '../SettingForm';

const STEPS = ['first', 'second', 'final', 'legal'] as const;

type Policy = Required<ReminderPolicy>;

/** Whether an entity asks for late payments by itself, how long after the due day, and on which days it does not. */
export function ReminderRules({ code, stored }: { code: string; stored: Stored }) {
  const { t } = useTranslation();
  const known = (stored.value.per_entity ?? {}) as Record<string, ReminderPolicy>;
  const own = known[code];
  const initialValues: Policy = { enabled: own?.enabled ?? false, first_days: own?.first_days ?? 3, second_days: own?.second_days ?? 10, final_days: own?.final_days ?? 20, legal_days: own?.legal_days ?? 40, closed_days: own?.closed_days ?? [] };
  const form = useForm({ initialValues });
  const save = api.useMutation('put', '/api/settings/reminders', {
    ...useOutcome({ done: t('common.saved'), quiet: true }),
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message), (field) => field.replace(`per_entity.${code}.`, '')),
  });
  const submit = form.onSubmit((policy) => {
    // What was emptied is no number of days: the service says so at its field.
    const days = Object.fromEntries(STEPS.map((step) => [`${step}_days`, Number(policy[`${step}_days`]) || 0]));
    save.mutate({ body: { per_entity: { ...known, [code]: { ...policy, ...days } }, version: stored.version } });
  });
  return (
    <SettingForm title={`${t('billingSettings.reminders')} · ${code}`} about={t('billingSettings.remindersAbout')} changed={stored} saving={save.isPending} error={Object.keys(form.errors).length > 0 ? undefined : save.error} dirty={form.isDirty()} onSubmit={submit}>
      <Switch label={t('billingSettings.enabled')} description={t('billingSettings.enabledAbout')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      <Fields wide>
        {STEPS.map((step) => <NumberInput key={step} label={t(`billingSettings.days.${step}`)} min={1} max={365} allowDecimal={false} suffix={` ${t('billingSettings.afterDue')}`} {...form.getInputProps(`${step}_days`)} />)}
      </Fields>
      <ClosedDays days={form.values.closed_days} error={form.errors.closed_days} onChange={(days) => form.setFieldValue('closed_days', days)} />
    </SettingForm>
  );
}

function ClosedDays({ days, error, onChange }: { days: readonly string[]; error: ReactNode; onChange: (days: string[]) => void }) {
  const { t } = useTranslation();
  const [day, setDay] = useState('');
  const add = () => {
    if (day !== '') onChange([...new Set([...days, day])].toSorted());
    setDay('');
  };
  return (
    <div>
      <Group gap="xs" align="flex-end">
        <TextInput
          type="date"
          label={t('billingSettings.closed')}
          description={t('billingSettings.closedAbout')}
          error={error}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button variant="default" disabled={day === ''} onClick={add}>{t('billingSettings.closedAdd')}</Button>
      </Group>
      {days.length > 0 && (
        <Group gap="xs" mt="xs">
          {days.map((one) => <Button key={one} variant="default" size="compact-sm" rightSection="×" aria-label={t('billingSettings.closedRemove', { day: formatDay(one) })} onClick={() => onChange(days.filter((other) => other !== one))}>{formatDay(one)}</Button>)}
        </Group>
      )}
    </div>
  );
}
