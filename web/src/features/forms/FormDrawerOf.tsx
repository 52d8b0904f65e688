import { Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Form } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity, useOneEntity, useWho } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { LiveTest } from './LiveTest';
import { Snippet } from './Snippet';

/** A form code: where its leads go, who may send it, how to embed and to try it. */
export function FormDrawerOf({ code, form: known, taken, version, onClose, onMade }: { code?: string; form?: Form; taken: readonly string[]; version: number; onClose: () => void; onMade: (code: string) => void }) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const oneEntity = useOneEntity();
  const here = useEntity();
  const products = useProducts();
  const { form, restored, drop, giveUp } = useDraft(`form-${code ?? 'new'}`, {
    initialValues: {
      code: code ?? '',
      entity: known?.entity ?? here ?? '',
      produit: known?.produit ?? '',
      allowed_origins: [...(known?.allowed_origins ?? [])],
      consent_by_contract: known?.consent_by_contract ?? false,
    },
    validate: {
      code: (value) => (!/^[A-Za-z0-9_-]{1,60}$/.test(value) ? t('forms.codeAbout') : code === undefined && taken.includes(value) ? t('forms.taken') : null),
      entity: (value) => (value === '' ? t('common.required') : null),
      produit: (value) => (value === '' ? t('common.required') : null),
    },
  });
  const outcome = useOutcome({ done: t('common.saved') });
  const save = api.useMutation('put', '/api/settings/forms-config/{code}', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async () => {
      drop();
      await outcome.onSuccess();
      onMade(form.getValues().code);
    },
  });
  // A new one is in nobody's way: that others add theirs meanwhile changes nothing for it.
  const submit = form.onSubmit(({ code: name, ...body }) => save.mutate({ params: { path: { code: name } }, body: { ...body, ...(code !== undefined && { version }) } }));
  return (
    <FormDrawer title={code ?? t('forms.new')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error} restored={restored} onGiveUp={giveUp}>
      <Fields disabled={!oneEntity}>
        <TextInput label={t('forms.code')} description={t('forms.codeAbout')} required disabled={code !== undefined} data-autofocus {...form.getInputProps('code')} />
        <Select label={t('common.entity')} required data={entities.map((entity) => ({ value: entity.code, label: `${entity.code} · ${entity.name}` }))} {...form.getInputProps('entity')} />
        <Select label={t('common.product')} required data={products} {...form.getInputProps('produit')} />
        <TagsInput label={t('forms.origins')} description={t('forms.originsAbout')} placeholder="https://www.exemple.fr" {...form.getInputProps('allowed_origins')} />
        <Switch label={t('forms.consentByContract')} description={t('forms.consentByContractAbout')} {...form.getInputProps('consent_by_contract', { type: 'checkbox' })} />
      </Fields>
      {code !== undefined && <Snippet code={code} />}
      {code !== undefined && <LiveTest code={code} />}
    </FormDrawer>
  );
}
