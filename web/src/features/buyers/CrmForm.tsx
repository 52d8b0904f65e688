import { Button, Group, Input, MultiSelect, Rating, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { AccountingStatus, BuyerView, ClientStatus, PaymentMethod, PaymentTerms, Tag } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { Panel } from '@/ui/layout';

const CLIENT: ClientStatus[] = ['Normal', 'VIP', 'Watchlist', 'Blocked'];
const ACCOUNTING: AccountingStatus[] = ['up_to_date', 'late', 'dispute'];
const TERMS: PaymentTerms[] = ['prepaid', 'net_15', 'net_30', 'net_60'];
const METHODS: PaymentMethod[] = ['bank_transfer', 'credit_card', 'check', 'direct_debit'];
const TAGS: Tag[] = ['VIP', 'slow_payer', 'discount_hunter', 'high_volume', 'new_client', 'strategic'];
const RATINGS = ['global_rating', 'payment_rating', 'lead_satisfaction_rating', 'discount_pressure_rating'] as const;

/** How a buyer is to work with, and how it pays. */
export function CrmForm({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const mayEdit = buyer.can.includes('edit') && oneEntity;
  const { crm } = buyer;
  const { form, drop } = useDraft(`buyer-crm-${buyer.id}`, {
    initialValues: { ...crm, tags: [...crm.tags], last_payment_date: crm.last_payment_date ?? '', last_payment_amount: crm.last_payment_amount ?? '' },
  });
  const [version, setVersion] = useState(() => versionOf(`/api/clients/${buyer.id}`));
  const outcome = useOutcome({ done: t('common.saved') });
  const save = api.useMutation('put', '/api/clients/{id}/crm', {
    ...outcome,
    onSuccess: async () => {
      drop();
      setVersion(versionOf(`/api/clients/${buyer.id}/crm`));
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((values) => {
    save.mutate({
      params: { path: { id: buyer.id }, header: { 'If-Match': version } },
      body: { ...values, last_payment_date: values.last_payment_date || null, last_payment_amount: values.last_payment_amount || null },
    });
  });
  const choice = <T extends string>(all: readonly T[], group: 'clientStatus' | 'accounting' | 'terms' | 'method' | 'tag') =>
    all.map((value) => ({ value, label: t(`buyers.${group}.${value}` as 'buyers.tag.VIP') }));
  return (
    <Panel>
      <form onSubmit={submit}>
        <Fields disabled={!mayEdit}>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
            {RATINGS.map((rating) => (
              <Input.Wrapper key={rating} label={t(`buyers.${rating}`)} component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
                <Rating value={form.values[rating] ?? 0} onChange={(value) => form.setFieldValue(rating, value)} readOnly={!mayEdit} getSymbolLabel={(count) => t('buyers.stars', { count })} />
              </Input.Wrapper>
            ))}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
            <Select label={t('buyers.relation')} allowDeselect={false} data={choice(CLIENT, 'clientStatus')} {...form.getInputProps('client_status')} />
            <Select label={t('buyers.accountingStatus')} allowDeselect={false} data={choice(ACCOUNTING, 'accounting')} {...form.getInputProps('accounting_status')} />
            <Select label={t('buyers.paymentTerms')} allowDeselect={false} data={choice(TERMS, 'terms')} {...form.getInputProps('payment_terms')} />
            <Select label={t('buyers.paymentMethod')} allowDeselect={false} data={choice(METHODS, 'method')} {...form.getInputProps('payment_method')} />
            <TextInput type="date" label={t('buyers.lastPaymentOn')} {...form.getInputProps('last_payment_date')} />
            <TextInput inputMode="decimal" label={t('buyers.lastPaymentAmount')} {...form.getInputProps('last_payment_amount')} />
            <MultiSelect label={t('buyers.tags')} data={choice(TAGS, 'tag')} {...form.getInputProps('tags')} />
          </SimpleGrid>
          {buyer.can.includes('edit') && (
            <Group justify="flex-end"><Button type="submit" loading={save.isPending} title={oneEntity ? undefined : t('common.oneEntity')}>{t('common.save')}</Button></Group>
          )}
        </Fields>
      </form>
    </Panel>
  );
}
