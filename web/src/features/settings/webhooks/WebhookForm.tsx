import { Group, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { WebhookView, WebhookWithSecret } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity, useWho } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { ConfirmButton } from '@/ui/confirm';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';
import css from './webhooks.module.css';

/** What separates events that are pasted. */
const SEPARATORS = [',', ' ', '\n'];

/** A new webhook, or changes to one. A new one's secret is shown once, after this. */
export function WebhookForm({ webhook, onClose, onSecret }: { webhook?: WebhookView; onClose: () => void; onSecret: (made: WebhookWithSecret) => void }) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const entity = useEntity();
  const actions = api.useQuery('get', '/api/webhooks/actions', {});
  const { form, restored, drop, giveUp } = useDraft(`webhook-${webhook?.id ?? 'new'}`, {
    initialValues: { name: webhook?.name ?? '', url: webhook?.url ?? '', actions: webhook?.actions ?? [], entity: webhook ? (webhook.entity ?? '') : (entity ?? ''), active: webhook?.active ?? true },
    validate: {
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      url: (url) => (url.trim() === '' ? t('common.required') : null),
      actions: (chosen) => (chosen.length === 0 ? t('common.required') : null),
    },
  });
  const outcome = useOutcome({ done: t('common.saved') });
  const onError = (error: unknown) => void showFieldErrors(form, error, (message) => fieldText(t, message));
  const done = async () => {
    drop();
    onClose();
    await outcome.onSuccess();
  };
  const shown = async (made: WebhookWithSecret) => {
    await done();
    onSecret(made);
  };
  const create = api.useMutation('post', '/api/webhooks', { onError, onSuccess: shown });
  const update = api.useMutation('put', '/api/webhooks/{id}', { onError, onSuccess: done });
  const rotate = api.useMutation('post', '/api/webhooks/{id}/secret-rotation', { onError: outcome.onError, onSuccess: shown });
  const remove = api.useMutation('delete', '/api/webhooks/{id}', { onError: outcome.onError, onSuccess: done });
  const submit = form.onSubmit(({ entity: code, ...values }) => {
    if (webhook) update.mutate({ params: { path: { id: webhook.id } }, body: values });
    else create.mutate({ body: { ...values, ...(code !== '' && { entity: code }) } });
  });
  const scopes = [...(entity === undefined || webhook?.entity === null ? [{ value: '', label: t('webhooks.whole') }] : []), ...entities.filter(({ code }) => entity === undefined || code === entity).map(({ code, name }) => ({ value: code, label: `${code} · ${name}` }))];
  const path = webhook && { params: { path: { id: webhook.id } } };
  return (
    <FormDrawer title={webhook ? webhook.name : t('webhooks.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error} restored={restored} onGiveUp={giveUp}>
      <Fields>
        <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('webhooks.url')} description={t('webhooks.urlAbout')} type="url" required placeholder="https://" {...form.getInputProps('url')} />
        <TagsInput
          label={t('webhooks.events')}
          description={t('webhooks.eventsAbout')}
          required
          data={['*', ...(actions.data ?? [])]}
          splitChars={SEPARATORS}
          maxTags={100}
          acceptValueOnBlur
          clearable
          renderOption={({ option }) => <span className={css.option}><span className="mono">{option.value}</span> <span className="muted">{told(option.value)}</span></span>}
          {...form.getInputProps('actions')}
        />
        <Select label={t('webhooks.scope')} description={t('webhooks.scopeAbout')} data={scopes} disabled={webhook !== undefined} allowDeselect={false} {...form.getInputProps('entity')} />
        <Switch label={t('webhooks.active')} description={t('webhooks.activeAbout')} {...form.getInputProps('active', { type: 'checkbox' })} />
        {webhook && path && (
          <Group gap="xs">
            {webhook.can.includes('rotate') && <ConfirmButton label={t('webhooks.rotate')} title={t('webhooks.rotateTitle', { name: webhook.name })} icon={<IconKey size={14} />} loading={rotate.isPending} onConfirm={() => rotate.mutate(path)}>{t('webhooks.rotateAbout')}</ConfirmButton>}
            {webhook.can.includes('delete') && <ConfirmButton danger label={t('common.delete')} title={t('webhooks.deleteTitle', { name: webhook.name })} icon={<IconTrash size={14} />} loading={remove.isPending} onConfirm={() => remove.mutate(path)}>{t('webhooks.deleteAbout')}</ConfirmButton>}
          </Group>
        )}
      </Fields>
    </FormDrawer>
  );

  /** An event in words; its beginning with a star has none. */
  function told(action: string): string {
    if (action === '*') return t('webhooks.everything');
    return t(`activity.action.${action.replace('.', '_') as 'login'}`, { defaultValue: '' });
  }
}
