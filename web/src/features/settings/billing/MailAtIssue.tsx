import { Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { SendingPolicy, VersionedSendingSettings as Stored } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { SettingForm } from '../SettingForm';

/** Whether an entity mails its documents as they are issued. */
export function MailAtIssue({ code, stored }: { code: string; stored: Stored }) {
  const { t } = useTranslation();
  const known = (stored.value.per_entity ?? {}) as Record<string, SendingPolicy>;
  const form = useForm({ initialValues: { at_issue: known[code]?.at_issue ?? false } });
  const save = api.useMutation('put', '/api/settings/document-mails', useOutcome({ done: t('common.saved'), quiet: true }));
  return (
    <SettingForm title={`${t('billingSettings.mails')} · ${code}`} about={t('billingSettings.mailsAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((policy) => save.mutate({ body: { per_entity: { ...known, [code]: policy }, version: stored.version } }))}>
      <Switch label={t('billingSettings.atIssue')} description={t('billingSettings.atIssueAbout')} {...form.getInputProps('at_issue', { type: 'checkbox' })} />
    </SettingForm>
  );
}
