import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView, Prepayment } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { PrepaidPill } from '@/features/billing/status';
import { formatInstant, formatNumber } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';

/** What a buyer paid for in advance, what is left, and what moved it. */
export function Prepaid({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [adding, setAdding] = useState(false);
  const query = api.useQuery('get', '/api/clients/{id}/prepayment', { params: { path: { id: buyer.id }, query: { limit: 20 } } });
  const add = query.data?.can.includes('add_units') && oneEntity && <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>{t('billing.addUnits')}</Button>;
  return (
    <Panel title={t('billing.prepaid')} actions={add}>
      <Loaded query={query}>{(data) => (data.balances.length === 0 ? <Empty title={t('billing.noPrepaid')}>{t('billing.noPrepaidAbout')}</Empty> : <Balances prepayment={data} />)}</Loaded>
      {adding && <UnitsForm buyer={buyer} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function Balances({ prepayment }: { prepayment: Prepayment }) {
  const { t } = useTranslation();
  return (
    <>
      {prepayment.balances.map((one) => (
        <div key={one.product} style={{ display: 'flex', gap: '0.5rem', alignItems: 'baseline', flexWrap: 'wrap', marginBottom: '0.5rem' }}>
          <strong>{one.product}</strong>
          <span className="num" style={{ fontSize: '1.25rem' }}>{formatNumber(one.remaining)}</span>
          <span className="muted">{t('billing.leftOf', { purchased: formatNumber(one.purchased), held: formatNumber(one.held) })}</span>
          <PrepaidPill status={one.status} />
        </div>
      ))}
      <ul style={{ listStyle: 'none', padding: 0, margin: 0, display: 'grid', gap: '0.375rem' }}>
        {prepayment.moves.items.map((move) => (
          <li key={move.id} style={{ display: 'flex', gap: '0.5rem', fontSize: 'var(--mantine-font-size-sm)' }}>
            <span style={{ flex: 1 }}>
              {move.delivery_id ? <Link to="/deliveries/$deliveryId" params={{ deliveryId: move.delivery_id }}>{t(`billing.move.${move.kind}`)}</Link> : t(`billing.move.${move.kind}`)}
              {move.note !== '' && <span className="muted"> · {move.note}</span>}
            </span>
            <span className="num">{move.product} {formatNumber(move.units)}</span>
            <span className="muted">{formatInstant(move.created_at)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function UnitsForm({ buyer, onClose }: { buyer: BuyerView; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { product: '', units: 50, note: '' }, validate: { product: (code) => (code === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('post', '/api/clients/{id}/prepayment/add-units', {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer title={t('billing.addUnits')} onClose={onClose} onSubmit={form.onSubmit((body) => save.mutate({ params: { path: { id: buyer.id } }, body }))} saving={save.isPending} error={save.error}>
      <Select label={t('common.product')} required data={useProducts()} {...form.getInputProps('product')} />
      <NumberInput label={t('billing.unitsField')} description={t('billing.addUnitsAbout')} min={1} max={1_000_000} {...form.getInputProps('units')} />
      <TextInput label={t('common.notes')} description={t('billing.unitsNoteAbout')} maxLength={1000} {...form.getInputProps('note')} />
    </FormDrawer>
  );
}
