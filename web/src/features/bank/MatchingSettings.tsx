import { Button, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAdjustments } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { VersionedBankSettings as Stored } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { formatInstant } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';

/** How lines are matched, in the whole organisation. */
export function MatchingSettings() {
  const { t } = useTranslation();
  const may = useMay();
  const oneEntity = useOneEntity();
  const [open, setOpen] = useState(false);
  const settings = api.useQuery('get', '/api/bank/settings', {}, { enabled: open && may('settings.access') });
  if (!may('settings.access')) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconAdjustments size={14} aria-hidden />} disabled={!oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} onClick={() => setOpen(true)}>{t('bank.settings.title')}</Button>
      {open && settings.data && <Form stored={settings.data} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ stored, onClose }: { stored: Stored; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { link_days: stored.value.link_days ?? 0, max_difference: stored.value.max_difference ?? '0' } });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('put', '/api/bank/settings', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((value) => save.mutate({ body: { value: { ...value, max_difference: value.max_difference.replace(',', '.') }, version: stored.version } }));
  return (
    <FormDrawer title={t('bank.settings.title')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <NumberInput label={t('bank.settings.days')} description={t('bank.settings.daysAbout')} min={0} max={400} allowDecimal={false} {...form.getInputProps('link_days')} />
      <TextInput label={t('bank.settings.difference')} description={t('bank.settings.differenceAbout')} inputMode="decimal" {...form.getInputProps('max_difference')} />
      {stored.updated_at && <span className="muted">{t('settings.changed', { at: formatInstant(stored.updated_at), by: stored.updated_by })}</span>}
    </FormDrawer>
  );
}
