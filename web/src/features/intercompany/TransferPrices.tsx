import { Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useProducts } from '@/app/catalogue';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { toDecimal } from '@/lib/decimal';
import { formatInstant, formatMoney } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { useDirections } from './queries';

interface Values extends Record<string, unknown> {
  direction: string;
  product: string;
  unit_price_ht: string;
}

/** What one entity charges another for a unit. */
export function TransferPrices() {
  const { t } = useTranslation();
  const may = useMay();
  const prices = api.useQuery('get', '/api/intercompany/pricing', {});
  const [edited, setEdited] = useState<Values>();
  const manages = may('intercompany.manage');
  const add = manages && <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setEdited({ direction: '', product: '', unit_price_ht: '' })}>{t('intercompany.setPrice')}</Button>;
  return (
    <Panel title={t('intercompany.tabs.prices')} actions={add} flush>
      <Loaded query={prices}>
        {(rows) => rows.length === 0 ? <Empty title={t('intercompany.noPrices')}>{t('intercompany.noPricesAbout')}</Empty> : (
          <table className="plain">
            <thead><tr><th>{t('intercompany.direction')}</th><th>{t('common.product')}</th><th className="end">{t('billing.unitPrice')}</th><th>{t('common.updated')}</th><th>{t('intercompany.by')}</th><th><span className="visually-hidden">{t('common.actions')}</span></th></tr></thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.from} ${row.to} ${row.product}`}>
                  <td>{row.from} → {row.to}</td><td>{row.product}</td><td className="end">{formatMoney(row.unit_price_ht)}</td>
                  <td>{formatInstant(row.updated_at)}</td><td>{row.updated_by}</td>
                  <td className="end">{manages && <Button variant="subtle" size="compact-xs" onClick={() => setEdited({ direction: `${row.from}->${row.to}`, product: row.product, unit_price_ht: row.unit_price_ht })}>{t('common.edit')}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
      {edited && <PriceForm initial={edited} onClose={() => setEdited(undefined)} />}
    </Panel>
  );
}

function PriceForm({ initial, onClose }: { initial: Values; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const form = useForm<Values>({
    initialValues: initial,
    validate: { direction: (text) => (text === '' ? t('common.required') : null), product: (text) => (text === '' ? t('common.required') : null) },
  });
  const save = api.useMutation('put', '/api/intercompany/pricing', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ direction, product, unit_price_ht }) => {
    const [from = '', to = ''] = direction.split('->');
    save.mutate({ body: { prices: [{ from, to, product, unit_price_ht: unit_price_ht.trim() === '' ? null : toDecimal(unit_price_ht) }] } });
  });
  const fixed = initial.direction !== '';
  return (
    <FormDrawer title={t('intercompany.setPrice')} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <Select label={t('intercompany.direction')} required disabled={fixed} data={useDirections()} {...form.getInputProps('direction')} />
      <Select label={t('common.product')} required disabled={fixed} data={useProducts()} {...form.getInputProps('product')} />
      <TextInput label={t('intercompany.priceField')} description={t('intercompany.priceAbout')} inputMode="decimal" data-autofocus {...form.getInputProps('unit_price_ht')} />
    </FormDrawer>
  );
}
