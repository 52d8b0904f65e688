import { Button, Group, Select, Stack as Column, Textarea, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import { Problem } from '@/api/problem';
import type { LegalView } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { useOutcome } from '@/app/outcome';
import { useEntity, useWho } from '@/app/session';
import { usePatchSearch } from '@/lib/patch-search';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { Panel, Pill, Stack } from '@/ui/layout';
import { Loaded, ProblemBox } from '@/ui/states';
import { EntityLogo } from './EntityLogo';
import { type LegalField, type LegalValues, toLegal, toValues } from './legal-values';

const route = getRouteApi('/_app/settings');

/** What the law wants to know of an entity, what of it invoices still need, and its logo. */
export function LegalEntity() {
  const { t } = useTranslation();
  const { entities } = useWho();
  const { entity } = route.useSearch();
  const patch = usePatchSearch<{ entity: string }>();
  const inScope = useEntity();
  const code = entities.find((one) => one.code === entity)?.code ?? inScope ?? entities[0]?.code ?? '';
  const [saves, setSaves] = useState(0);
  const query = api.useQuery('get', '/api/entities/{code}/legal', { params: { path: { code } } }, { enabled: code !== '' });
  return (
    <Stack>
      {entities.length > 1 && <Select label={t('legal.of')} data={entities.map((one) => ({ value: one.code, label: `${one.code} · ${one.name}` }))} value={code} allowDeselect={false} onChange={(value) => patch({ entity: value ?? undefined })} />}
      <Loaded query={query} height={420}>
        {(stored) => (
          <>
            <Missing fields={stored.missing} />
            <Identity key={`${stored.entity} ${saves}`} stored={stored} onSaved={() => setSaves((count) => count + 1)} />
            <EntityLogo stored={stored} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Missing({ fields }: { fields: readonly string[] }) {
  const { t } = useTranslation();
  const name = (field: string) => t(`legal.field.${field.split('.').at(-1) as LegalField}`);
  return (
    <div role="status" aria-label={t('legal.missingTitle')}>
      {fields.length === 0 ? <Pill tone="good">{t('legal.complete')}</Pill> : (
        <Group gap="xs">
          <span>{t('legal.missing', { count: fields.length })}</span>
          {fields.map((field) => <Pill key={field} tone="warn">{name(field)}</Pill>)}
        </Group>
      )}
    </div>
  );
}

function Identity({ stored, onSaved }: { stored: LegalView; onSaved: () => void }) {
  const { t } = useTranslation();
  const code = stored.entity;
  const { form, restored, drop, giveUp } = useDraft<LegalValues>(`legal-${code}`, { initialValues: toValues(stored.legal) });
  const [version] = useState(() => versionOf(`/api/entities/${code}/legal`));
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('put', '/api/entities/{code}/legal', {
    onError: (error: unknown) => {
      for (const { field, message } of Problem.from(error).fields ?? []) form.setFieldError(field, fieldText(t, message));
    },
    onSuccess: async () => {
      drop();
      await outcome.onSuccess();
      onSaved();
    },
  });
  const submit = form.onSubmit((values) => save.mutate({ params: { path: { code }, header: { 'If-Match': version } }, body: toLegal(values, stored.legal) }));
  const text = (field: string, key = field.split('.').at(-1) as LegalField) => ({ label: t(`legal.field.${key}`), ...form.getInputProps(field) });
  const regimes = (['on_invoicing', 'on_receipts', 'franchise'] as const).map((value) => ({ value, label: t(`legal.regime.${value}`) }));
  return (
    <Panel title={t('legal.title')}>
      <form onSubmit={submit} noValidate>
        <Column gap="lg">
          <div className="muted">{t('legal.about')}</div>
          {restored && (
            <Group gap="xs" justify="space-between">
              <span className="muted">{t('common.draft')}</span>
              <Button variant="subtle" size="compact-xs" onClick={giveUp}>{t('common.giveUpDraft')}</Button>
            </Group>
          )}
          <Fields wide legend={t('legal.company')}>
            <TextInput {...text('legal_name')} />
            <TextInput {...text('legal_form')} placeholder={t('legal.legal_formAbout')} />
            <TextInput {...text('share_capital')} inputMode="decimal" />
            <TextInput {...text('siret')} placeholder={t('legal.siretAbout')} inputMode="numeric" />
            <TextInput {...text('vat_number')} />
            <Select {...text('vat_regime')} data={regimes} allowDeselect={false} />
            <Select {...text('register')} data={['RCS', 'RM']} clearable />
            <TextInput {...text('register_city')} />
            <TextInput {...text('ape_code')} />
            <TextInput {...text('registration_number')} />
            <TextInput {...text('fiscal_year_end')} placeholder={t('legal.fiscal_year_endAbout')} />
            <TextInput {...text('currency')} placeholder="EUR" />
            <TextInput {...text('second_currency')} />
          </Fields>
          <Fields wide legend={t('legal.place')}>
            <TextInput {...text('address.line1')} autoComplete="street-address" />
            <TextInput {...text('address.line2')} />
            <TextInput {...text('address.postal_code')} />
            <TextInput {...text('address.city')} />
            <TextInput {...text('address.country')} maxLength={2} placeholder={t('legal.countryAbout')} />
          </Fields>
          <Fields wide legend={t('legal.bank')}>
            <TextInput {...text('iban')} />
            <TextInput {...text('bic')} />
            <TextInput {...text('bank_name')} />
          </Fields>
          <Fields wide legend={t('legal.documents')}>
            <TextInput type="tel" {...form.getInputProps('phone')} label={t('common.phone')} />
            <TextInput type="email" {...form.getInputProps('email')} label={t('common.email')} />
            <TextInput {...text('website')} placeholder="https://" />
            <TextInput {...text('accent_color')} placeholder="#0a5fb4" />
            <Select {...text('language')} data={[{ value: 'fr', label: t('legal.fr') }, { value: 'en', label: t('legal.en') }]} allowDeselect={false} />
            <TextInput {...text('recovery_fee')} placeholder={t('legal.recovery_feeAbout')} inputMode="decimal" />
            <TextInput {...text('electronic_address')} placeholder={t('legal.electronic_addressAbout')} />
            <TextInput {...text('electronic_scheme')} placeholder="0225" />
            <Textarea {...text('penalty_text')} placeholder={t('legal.penalty_textAbout')} autosize />
            <Textarea {...text('early_payment_text')} placeholder={t('legal.early_payment_textAbout')} autosize />
            <Textarea {...text('footer_text')} autosize />
          </Fields>
          <Fields wide legend={t('legal.cover')}>
            <TextInput {...text('insurance.insurer')} />
            <TextInput {...text('insurance.policy')} />
            <TextInput {...text('insurance.territory')} />
            <TextInput {...text('mediator.name', 'mediatorName')} />
            <TextInput {...text('mediator.address', 'mediatorAddress')} />
            <TextInput {...text('mediator.website', 'mediatorSite')} />
          </Fields>
          {save.error !== null && <ProblemBox error={save.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty() && !restored}>{t('common.save')}</Button>
          </Group>
        </Column>
      </form>
    </Panel>
  );
}
