import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerBookView, LedgerRateView, RateType } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatDay, formatInstant, formatQuantity } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { today } from '@/lib/day';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel, Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';

const TYPES: RateType[] = ['official', 'market', 'internal'];

/** Exchange rates by day; what was replaced stays readable. */
export function Rates({ entity, book }: { entity: string; book: LedgerBookView }) {
  const { t } = useTranslation();
  const may = useMay();
  const [history, setHistory] = useState(false);
  const [adding, setAdding] = useState(false);
  const rates = api.useInfiniteQuery('get', '/api/ledger/rates', { params: { query: { entity, ...(history && { history }) } } }, BY_CURSOR);
  const columns = useMemo<Column<LedgerRateView>[]>(
    () => [
      { id: 'pair', header: t('books.rates.pair'), width: '7rem', cell: (rate) => `${rate.from} → ${rate.to}` },
      { id: 'on', header: t('books.date'), width: '6rem', cell: (rate) => <span className="num">{formatDay(rate.on)}</span> },
      { id: 'rate', header: t('books.rate'), width: '6rem', align: 'end', cell: (rate) => formatQuantity(rate.rate) },
      { id: 'type', header: t('books.rates.market'), width: '6rem', wide: true, cell: (rate) => <>{t(`books.rates.type.${rate.rate_type as RateType}`)}{rate.superseded_by && <> <Pill>{t('books.rates.replaced')}</Pill></>}</> },
      { id: 'source', header: t('common.source'), width: 'minmax(5rem, 1fr)', wide: true, cell: (rate) => rate.source },
      { id: 'by', header: t('books.postedBy'), width: 'minmax(6rem, 1fr)', wide: true, hidden: true, cell: (rate) => `${rate.created_by} · ${formatInstant(rate.created_at)}` },
    ],
    [t],
  );
  const add = may('ledger.manage') && <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>{t('books.rates.add')}</Button>;
  return (
    <Panel flush title={t('books.rates.title')} actions={<><Switch label={t('books.rates.history')} checked={history} onChange={(event) => setHistory(event.currentTarget.checked)} />{add}</>}>
      <DataTable bare grow name="rates" label={t('books.rates.title')} columns={columns} pages={rates} rowId={(rate) => rate.id} empty={<Empty title={t('books.rates.empty')}>{t('books.rates.emptyAbout')}</Empty>} />
      {adding && <RateForm entity={entity} book={book} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function RateForm({ entity, book, onClose }: { entity: string; book: LedgerBookView; onClose: () => void }) {
  const { t } = useTranslation();
  const required = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm({
    initialValues: { from: book.functional as string, to: (book.second?.currency as string | undefined) ?? '', on: today(), rate: '', rate_type: (book.second?.rate_type ?? 'official') as string, source: '' },
    validate: { from: required, to: required, on: required, rate: required },
  });
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const put = api.useMutation('put', '/api/ledger/rates', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((values) => put.mutate({ body: { entity, ...values, from: values.from.toUpperCase(), to: values.to.toUpperCase(), rate: values.rate.replace(',', '.'), rate_type: values.rate_type as RateType } }));
  return (
    <FormDrawer title={t('books.rates.add')} onClose={onClose} onSubmit={submit} saving={put.isPending} error={put.error}>
      <div className="muted">{t('books.rates.about')}</div>
      <Fields wide>
        <TextInput label={t('books.rates.from')} required maxLength={3} {...form.getInputProps('from')} />
        <TextInput label={t('books.rates.to')} required maxLength={3} {...form.getInputProps('to')} />
        <TextInput label={t('books.date')} type="date" required {...form.getInputProps('on')} />
        <TextInput label={t('books.rates.units')} required inputMode="decimal" {...form.getInputProps('rate')} />
      </Fields>
      <Select label={t('books.rates.market')} allowDeselect={false} data={TYPES.map((value) => ({ value, label: t(`books.rates.type.${value}`) }))} {...form.getInputProps('rate_type')} />
      <TextInput label={t('common.source')} {...form.getInputProps('source')} />
    </FormDrawer>
  );
}
