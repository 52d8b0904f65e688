import { MultiSelect, NumberInput, Switch, TagsInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { VersionedDepartementPolicy as Places, VersionedDuplicatePolicy as Duplicates, VersionedPhonePolicy as Phones, VersionedRetentionPolicy as Retention } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { SettingForm } from './SettingForm';

const OUTSIDE = ['2A', '2B', '971', '972', '973', '974', '976'];

/** Rules of intake and memory. */
export function Policies() {
  const places = api.useQuery('get', '/api/settings/departements', {});
  const phones = api.useQuery('get', '/api/settings/phone-policy', {});
  const duplicates = api.useQuery('get', '/api/settings/duplicates', {});
  const retention = api.useQuery('get', '/api/settings/retention', {});
  return (
    <Stack>
      <Loaded query={places}>{(stored) => <PlacePolicy key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={phones}>{(stored) => <PhonePolicy key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={duplicates}>{(stored) => <DuplicatePolicy key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={retention}>{(stored) => <RetentionPolicy key={stored.version} stored={stored} />}</Loaded>
    </Stack>
  );
}

function PlacePolicy({ stored }: { stored: Places }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { outside_mainland: [...(stored.value.outside_mainland ?? [])] } });
  const save = api.useMutation('put', '/api/settings/departements', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('nav.departements')} about={t('settings.placesAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <MultiSelect label={t('settings.outside')} data={OUTSIDE} {...form.getInputProps('outside_mainland')} />
    </SettingForm>
  );
}

function PhonePolicy({ stored }: { stored: Phones }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { blocked: [...(stored.value.blocked ?? [])], overseas_prefixes: [...(stored.value.overseas_prefixes ?? [])] } });
  const save = api.useMutation('put', '/api/settings/phone-policy', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.phones')} about={t('settings.phonesAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <TagsInput label={t('settings.blockedPhones')} {...form.getInputProps('blocked')} />
      <TagsInput label={t('settings.overseasPrefixes')} {...form.getInputProps('overseas_prefixes')} />
    </SettingForm>
  );
}

function DuplicatePolicy({ stored }: { stored: Duplicates }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { across_buyer_groups: stored.value.across_buyer_groups ?? false } });
  const save = api.useMutation('put', '/api/settings/duplicates', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.duplicates')} about={t('settings.duplicatesAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <Switch label={t('settings.acrossGroups')} {...form.getInputProps('across_buyer_groups', { type: 'checkbox' })} />
    </SettingForm>
  );
}

function RetentionPolicy({ stored }: { stored: Retention }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { personal_data_months: stored.value.personal_data_months ?? 36, quarantine_days: stored.value.quarantine_days ?? 90 } });
  const save = api.useMutation('put', '/api/settings/retention', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.retention')} about={t('settings.retentionAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <NumberInput label={t('settings.months')} min={1} max={120} {...form.getInputProps('personal_data_months')} />
      <NumberInput label={t('settings.days')} min={1} max={3650} {...form.getInputProps('quarantine_days')} />
    </SettingForm>
  );
}
