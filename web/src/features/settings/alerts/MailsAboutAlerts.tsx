import { Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { CheckSeverity, VersionedAlertSettings as Stored } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { SettingForm } from '../SettingForm';

const LEAST = ['critical', 'warning', 'info', 'none'] as const;

/** Where quiet hours begin and end as long as nobody said otherwise. */
const QUIET = { from: '22:00', to: '07:00' };

/** Which alerts are told by mail, and when mails that can wait do. */
export function MailsAboutAlerts({ stored }: { stored: Stored }) {
  const { t } = useTranslation();
  const { quiet_hours: quiet, mail_from: least } = stored.value;
  const form = useForm({ initialValues: { mail_from: (least ?? 'none') as string, quiet: quiet !== null && quiet !== undefined, quiet_hours: { ...QUIET, ...quiet } } });
  const save = api.useMutation('put', '/api/settings/alerts', {
    ...useOutcome({ done: t('common.saved'), quiet: true }),
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
  });
  const submit = form.onSubmit(({ mail_from, quiet: on, quiet_hours }) =>
    save.mutate({ body: { mail_from: mail_from === 'none' ? null : (mail_from as CheckSeverity), quiet_hours: on ? quiet_hours : null, version: stored.version } }),
  );
  return (
    <SettingForm wide title={t('alertSettings.general')} about={t('alertSettings.generalAbout')} changed={stored} saving={save.isPending} error={Object.keys(form.errors).length > 0 ? undefined : save.error} dirty={form.isDirty()} onSubmit={submit}>
      <Select label={t('alertSettings.mailFrom')} data={LEAST.map((value) => ({ value, label: t(`alertSettings.mailFromOptions.${value}`) }))} allowDeselect={false} maw={320} {...form.getInputProps('mail_from')} />
      <Switch label={t('alertSettings.quiet')} description={t('alertSettings.quietAbout')} {...form.getInputProps('quiet', { type: 'checkbox' })} />
      {form.values.quiet && (
        <Fields wide>
          <TextInput type="time" label={t('alertSettings.quietFrom')} {...form.getInputProps('quiet_hours.from')} />
          <TextInput type="time" label={t('alertSettings.quietTo')} {...form.getInputProps('quiet_hours.to')} />
        </Fields>
      )}
    </SettingForm>
  );
}
