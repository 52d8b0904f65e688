import { Switch, TagsInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { EntitySwitches, VersionedCrossEntitySettings as CrossEntity, VersionedOverlapGuard as Overlap, VersionedSourceGating as Sources } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useWho } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { SettingForm } from './SettingForm';

/** Which leads are held, and which may go to another entity. */
export function Gating() {
  const sources = api.useQuery('get', '/api/settings/source-gating', {});
  const cross = api.useQuery('get', '/api/settings/cross-entity', {});
  const overlap = api.useQuery('get', '/api/settings/overlap-guard', {});
  return (
    <Stack>
      <Loaded query={sources}>{(stored) => <BlockedSources key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={cross}>{(stored) => <BetweenEntities key={stored.version} stored={stored} />}</Loaded>
      <Loaded query={overlap}>{(stored) => <OverlapGuard key={stored.version} stored={stored} />}</Loaded>
    </Stack>
  );
}

function BlockedSources({ stored }: { stored: Sources }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { blocked_sources: [...(stored.value.blocked_sources ?? [])] } });
  const save = api.useMutation('put', '/api/settings/source-gating', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.sources')} about={t('settings.sourcesAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <TagsInput label={t('settings.blockedSources')} {...form.getInputProps('blocked_sources')} />
    </SettingForm>
  );
}

function BetweenEntities({ stored }: { stored: CrossEntity }) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const known = (stored.value.per_entity ?? {}) as Record<string, EntitySwitches>;
  const form = useForm({
    initialValues: {
      cross_entity_enabled: stored.value.cross_entity_enabled ?? true,
      per_entity: Object.fromEntries(entities.map(({ code }) => [code, { in_enabled: known[code]?.in_enabled ?? true, out_enabled: known[code]?.out_enabled ?? true }])),
    },
  });
  const save = api.useMutation('put', '/api/settings/cross-entity', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.crossEntity')} about={t('settings.crossEntityAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <Switch label={t('settings.crossEntityOn')} {...form.getInputProps('cross_entity_enabled', { type: 'checkbox' })} />
      {form.values.cross_entity_enabled && entities.map(({ code, name }) => (
        <Fields key={code} wide legend={`${code} · ${name}`}>
          <Switch label={t('settings.gives')} {...form.getInputProps(`per_entity.${code}.out_enabled`, { type: 'checkbox' })} />
          <Switch label={t('settings.takes')} {...form.getInputProps(`per_entity.${code}.in_enabled`, { type: 'checkbox' })} />
        </Fields>
      ))}
    </SettingForm>
  );
}

function OverlapGuard({ stored }: { stored: Overlap }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { enabled: stored.value.enabled ?? true } });
  const save = api.useMutation('put', '/api/settings/overlap-guard', useOutcome({ done: t('common.saved') }));
  return (
    <SettingForm title={t('settings.overlap')} about={t('settings.overlapAbout')} changed={stored} saving={save.isPending} error={save.error} dirty={form.isDirty()} onSubmit={form.onSubmit((body) => save.mutate({ body: { ...body, version: stored.version } }))}>
      <Switch label={t('settings.overlapOn')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
    </SettingForm>
  );
}
