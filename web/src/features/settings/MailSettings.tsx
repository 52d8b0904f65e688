import { Checkbox, Switch, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { VersionedEmailPolicy as EmailPolicy, VersionedMailServersView as Smtp } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useWho } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { Stack } from '@/ui/layout';
import { Password } from '@/ui/Password';
import { Loaded } from '@/ui/states';
import { MailDomains } from './MailDomains';
import { SettingForm } from './SettingForm';

/** Where mail may not go, where all of it goes while one tries things out, and the servers that send it. */
export function MailSettings() {
  const policy = api.useQuery('get', '/api/settings/email-denylist', {});
  const smtp = api.useQuery('get', '/api/settings/smtp', {});
  const domains = api.useQuery('get', '/api/settings/mail-domains', {});
  return (
    <Stack>
      <Loaded query={policy}>{(stored) => <Policy key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={smtp}>{(stored) => <Servers key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={domains}>{(stored) => <MailDomains key={stored.version} stored={stored} />}</Loaded>
    </Stack>
  );
}

function Policy({ stored }: { stored: EmailPolicy }) {
  const { t } = useTranslation();
  const { value } = stored;
  const form = useForm({ initialValues: { domains: [...(value.denylist?.domains ?? [])], simulation_mode: value.simulation_mode ?? false, simulation_email: value.simulation_email ?? '' } });
  const save = api.useMutation('put', '/api/settings/email-denylist', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.denylist')} about={t('settings.denylistAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <TagsInput label={t('settings.domains')} {...form.getInputProps('domains')} />
      <Switch label={t('settings.simulation')} description={t('settings.simulationAbout')} {...form.getInputProps('simulation_mode', { type: 'checkbox' })} />
      {form.values.simulation_mode && <TextInput type="email" label={t('settings.simulationTo')} {...form.getInputProps('simulation_email')} />}
    </SettingForm>
  );
}

function Servers({ stored }: { stored: Smtp }) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const known = stored.value.per_entity;
  const form = useForm({
    initialValues: Object.fromEntries(entities.map(({ code }) => [code, { url: known[code]?.url ?? '', from_name: known[code]?.from_name ?? '', password: '', forget: false, password_env: known[code]?.password_env ?? '', password_file: known[code]?.password_file ?? '' }])),
  });
  const save = api.useMutation('put', '/api/settings/smtp', useOutcome({ done: t('common.saved') }));
  const submit = form.onSubmit((values) => {
    const filled = Object.entries(values).filter(([, server]) => server.url.trim() !== '');
    const per_entity = Object.fromEntries(filled.map(([code, server]) => [code, { url: server.url, from_name: server.from_name || null, password: server.forget ? '' : server.password || null, password_env: server.password_env || null, password_file: server.password_file || null }]));
    save.mutate({ body: { per_entity, version: stored.version } });
  });
  return (
    <SettingForm title={t('settings.smtp')} about={t('settings.smtpAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={submit}>
      {entities.map(({ code, name }) => (
        <Fields key={code} wide legend={`${code} · ${name}`}>
          <TextInput label={t('settings.smtpUrl')} placeholder="smtps://leads@smtp.exemple.fr" {...form.getInputProps(`${code}.url`)} />
          <TextInput label={t('settings.fromName')} {...form.getInputProps(`${code}.from_name`)} />
          <Password label={t('settings.password')} description={t(known[code]?.password_set ? 'settings.passwordKept' : 'settings.passwordAbout')} autoComplete="new-password" disabled={form.values[code]?.forget} {...form.getInputProps(`${code}.password`)} />
          {known[code]?.password_set && <Checkbox label={t('settings.passwordForget')} {...form.getInputProps(`${code}.forget`, { type: 'checkbox' })} />}
          <TextInput label={t('settings.passwordEnv')} placeholder={`SMTP_PASSWORD_${code}`} {...form.getInputProps(`${code}.password_env`)} />
          <TextInput label={t('settings.passwordFile')} placeholder={`/etc/comptoir/smtp-password-${code.toLowerCase()}`} {...form.getInputProps(`${code}.password_file`)} />
        </Fields>
      ))}
    </SettingForm>
  );
}
