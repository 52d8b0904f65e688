import { Button, Group, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { MailDomainVerdict, MailDomainView, VersionedVecMailDomainView as Domains } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatInstant } from '@/lib/format';
import { Fields } from '@/ui/Fields';
import { Pill, type Tone } from '@/ui/layout';
import { SettingForm } from './SettingForm';

const TONES: Record<MailDomainVerdict, Tone> = { ok: 'good', warning: 'warn', fail: 'bad' };

/** What the world's mail servers read of the domains that mail is sent from, and what the tenant knows of them. */
export function MailDomains({ stored }: { stored: Domains }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { domains: stored.value.map(({ domain, dkim_selectors, dkim_key, spf_include }) => ({ domain, dkim_selectors: dkim_selectors ?? [], dkim_key: dkim_key ?? '', spf_include: spf_include ?? '' })) } });
  const save = api.useMutation('put', '/api/settings/mail-domains', useOutcome({ done: t('common.saved') }));
  const look = api.useMutation('post', '/api/settings/mail-domains/checks', useOutcome({ done: t('mailDomains.looked') }));
  const submit = form.onSubmit(({ domains }) => {
    const known = Object.fromEntries(domains.map(({ domain, ...rest }) => [domain, rest]));
    save.mutate({ body: { domains: known, version: stored.version } });
  });
  if (stored.value.length === 0) return null;
  return (
    <SettingForm title={t('mailDomains.title')} about={t('mailDomains.about')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} wide onSubmit={submit}>
      {stored.value.map((domain, index) => (
        <Fields key={domain.domain} wide legend={`${domain.domain} · ${domain.entities.join(', ')}`}>
          <Stack gap="sm">
            <Standing domain={domain} />
            <TagsInput label={t('mailDomains.selectors')} description={t('mailDomains.selectorsAbout')} {...form.getInputProps(`domains.${index}.dkim_selectors`)} />
            <TextInput label={t('mailDomains.key')} description={t('mailDomains.keyAbout')} {...form.getInputProps(`domains.${index}.dkim_key`)} />
            <TextInput label={t('mailDomains.include')} placeholder="mx.ovh.com" {...form.getInputProps(`domains.${index}.spf_include`)} />
          </Stack>
        </Fields>
      ))}
      <Group><Button variant="default" leftSection={<IconRefresh size={14} />} loading={look.isPending} onClick={() => look.mutate({})}>{t('mailDomains.look')}</Button></Group>
    </SettingForm>
  );
}

/** How each of its records stands, what is wrong, and how old that is. */
function Standing({ domain }: { domain: MailDomainView }) {
  const { t } = useTranslation();
  const age = domain.answered_at ? t('mailDomains.asOf', { at: formatInstant(domain.answered_at) }) : t('mailDomains.never');
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {Object.entries(domain.items).map(([item, verdict]) => <Pill key={item} tone={TONES[verdict]}>{`${item.toUpperCase()} · ${t(`mailDomains.verdict.${verdict}`)}`}</Pill>)}
        <span className="muted">{age}</span>
      </Group>
      {domain.problems.length > 0 && <ul>{domain.problems.map((problem) => <li key={problem}>{t(`mailDomains.problem.${problem}`)}</li>)}</ul>}
      {domain.error && <div className="muted" lang="en">{domain.error}</div>}
    </Stack>
  );
}
