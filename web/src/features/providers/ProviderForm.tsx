import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ProviderView, ProviderWithKey } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity, useOneEntity } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { ConfirmButton } from '@/ui/confirm';
import { FormDrawer } from '@/ui/FormDrawer';

/** A new provider, or changes to one. A new one's key is shown once, after this. */
export function ProviderForm({ provider, onClose, onKey }: { provider?: ProviderView; onClose: () => void; onKey: (made: ProviderWithKey) => void }) {
  const { t } = useTranslation();
  const entity = useEntity();
  const oneEntity = useOneEntity();
  const { form, restored, drop, giveUp } = useDraft(`provider-${provider?.id ?? 'new'}`, {
    initialValues: {
      name: provider?.name ?? '',
      slug: provider?.slug ?? '',
      contact_email: provider?.contact_email ?? '',
      rate_per_minute: provider?.rate_per_minute ?? 600,
      consent_by_contract: provider?.consent_by_contract ?? false,
      active: provider?.active ?? true,
      notes: provider?.notes ?? '',
    },
    validate: {
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      slug: (slug) => (/^[a-z0-9][a-z0-9-]*$/.test(slug) ? null : t('providers.slugAbout')),
    },
  });
  const outcome = useOutcome({ done: t('common.saved') });
  const onError = (error: unknown) => void showFieldErrors(form, error);
  const done = async () => {
    drop();
    onClose();
    await outcome.onSuccess();
  };
  const create = api.useMutation('post', '/api/providers', {
    onError,
    onSuccess: async (made) => {
      await done();
      onKey(made);
    },
  });
  const update = api.useMutation('put', '/api/providers/{id}', { onError, onSuccess: done });
  const archive = api.useMutation('delete', '/api/providers/{id}', { onError: outcome.onError, onSuccess: done });
  const submit = form.onSubmit((values) => {
    const body = { ...values, contact_email: values.contact_email || null };
    if (provider) update.mutate({ params: { path: { id: provider.id } }, body });
    else create.mutate({ body: { ...body, ...(entity && { entity }) } });
  });
  return (
    <FormDrawer title={provider ? provider.name : t('providers.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error} restored={restored} onGiveUp={giveUp}>
      <Fields disabled={!oneEntity}>
        <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('providers.slug')} description={t('providers.slugAbout')} required {...form.getInputProps('slug')} />
        <TextInput label={t('providers.contact')} type="email" {...form.getInputProps('contact_email')} />
        <NumberInput label={t('providers.rate')} min={1} max={100_000} {...form.getInputProps('rate_per_minute')} />
        <Switch label={t('forms.consentByContract')} description={t('forms.consentByContractAbout')} {...form.getInputProps('consent_by_contract', { type: 'checkbox' })} />
        <Switch label={t('common.active')} {...form.getInputProps('active', { type: 'checkbox' })} />
        <Textarea label={t('common.notes')} {...form.getInputProps('notes')} />
        {provider?.can.includes('delete') && (
          <div>
            <ConfirmButton danger label={t('providers.archive')} title={t('providers.archiveTitle')} disabled={!oneEntity} onConfirm={() => archive.mutate({ params: { path: { id: provider.id } } })}>{t('providers.archiveAbout')}</ConfirmButton>
          </div>
        )}
      </Fields>
    </FormDrawer>
  );
}
