import { MultiSelect, NumberInput, Select, Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { StatementMapping } from '@/api/schema';
import { Fields } from '@/ui/Fields';
import { Panel, Pill } from '@/ui/layout';
import css from './bank.module.css';
import { firstRows } from './table';

const DELIMITERS = [';', ',', '\t', '|'] as const;
const DATES = ['day_month_year', 'year_month_day', 'month_day_year', 'compact'] as const;
const OPTIONAL = ['value_date', 'counterparty', 'counterparty_iban', 'reference', 'bank_reference', 'balance'] as const;
const NAMES = { ';': 'semicolon', ',': 'comma', '\t': 'tab', '|': 'pipe' } as const;

/** How a bank's table is read: its first rows, and which column is what. Every change is tried on the file. */
export function Mapping({ mapping, text, isGuessed, keep, onKeep, onChange }: {
  mapping: StatementMapping; text: string; isGuessed: boolean; keep: boolean; onKeep: (keep: boolean) => void; onChange: (mapping: StatementMapping) => void;
}) {
  const { t } = useTranslation();
  const all = firstRows(text, mapping.delimiter);
  const begin = (mapping.skip_rows ?? 0) + (mapping.has_header ? 1 : 0);
  const rows = all.slice(begin);
  // Titles that were not recognised as such stand above the lines all the same.
  const head = begin > 0 ? all[begin - 1] : undefined;
  const width = Math.max(0, ...rows.map((row) => row.length), mapping.has_header ? (head?.length ?? 0) : 0);
  const columns = Array.from({ length: width }, (_, index) => ({ value: String(index), label: `${index + 1} · ${(head?.[index] ?? rows[0]?.[index] ?? '').trim().slice(0, 40)}` }));
  const set = (change: Partial<StatementMapping>) => onChange({ ...mapping, ...change });
  const column = (label: string, value: number | null | undefined, take: (index: number) => void, clear?: () => void) => (
    <Select label={label} data={columns} searchable clearable={clear !== undefined} allowDeselect={false} value={value === null || value === undefined ? null : String(value)} onChange={(chosen) => (chosen === null ? clear?.() : take(Number(chosen)))} />
  );
  const { amount } = mapping;
  return (
    <Panel title={t('bank.mapping.title')} actions={isGuessed && <Pill tone="warn">{t('bank.mapping.guessed')}</Pill>}>
      <Stack gap="sm">
        <Sample rows={rows} width={width} head={head} />
        <Fields wide>
          {column(t('books.date'), mapping.date, (date) => set({ date }))}
          <Select label={t('bank.mapping.dateFormat')} allowDeselect={false} data={DATES.map((value) => ({ value, label: t(`bank.mapping.dates.${value}`) }))} value={mapping.date_format} onChange={(value) => set({ date_format: DATES.find((one) => one === value) ?? 'day_month_year' })} />
          <MultiSelect label={t('books.label')} data={columns} value={mapping.label.map(String)} onChange={(chosen) => set({ label: chosen.map(Number) })} />
          <Select
            label={t('bank.mapping.amounts')}
            allowDeselect={false}
            data={(['signed', 'split'] as const).map((value) => ({ value, label: t(`bank.mapping.kind.${value}`) }))}
            value={amount.kind}
            onChange={(value) => set({ amount: value === 'split' ? { kind: 'split', debit: amount.kind === 'signed' ? amount.column : amount.debit, credit: amount.kind === 'signed' ? amount.column + 1 : amount.credit } : { kind: 'signed', column: amount.kind === 'split' ? amount.debit : amount.column } })}
          />
          {amount.kind === 'signed' && column(t('books.amount'), amount.column, (index) => set({ amount: { kind: 'signed', column: index } }))}
          {amount.kind === 'split' && column(t('books.debit'), amount.debit, (index) => set({ amount: { ...amount, debit: index } }))}
          {amount.kind === 'split' && column(t('books.credit'), amount.credit, (index) => set({ amount: { ...amount, credit: index } }))}
          <Select label={t('bank.mapping.decimal')} allowDeselect={false} data={[{ value: ',', label: '1234,50' }, { value: '.', label: '1234.50' }]} value={mapping.decimal} onChange={(decimal) => set({ decimal: decimal ?? ',' })} />
          {OPTIONAL.map((name) => <div key={name}>{column(t(`bank.mapping.${name}`), mapping[name], (index) => set({ [name]: index }), () => set({ [name]: null }))}</div>)}
          <Select label={t('bank.mapping.delimiter')} allowDeselect={false} data={DELIMITERS.map((value) => ({ value, label: t(`bank.mapping.delimiters.${NAMES[value]}`) }))} value={mapping.delimiter} onChange={(delimiter) => set({ delimiter: delimiter ?? ';' })} />
          <NumberInput label={t('bank.mapping.skipRows')} min={0} max={100} allowDecimal={false} value={mapping.skip_rows ?? 0} onChange={(value) => set({ skip_rows: Number(value) })} />
          <NumberInput label={t('bank.mapping.skipLast')} min={0} max={100} allowDecimal={false} value={mapping.skip_last_rows ?? 0} onChange={(value) => set({ skip_last_rows: Number(value) })} />
        </Fields>
        <Switch label={t('bank.mapping.header')} checked={mapping.has_header} onChange={(event) => set({ has_header: event.currentTarget.checked })} />
        <Switch label={t('bank.mapping.inverted')} checked={mapping.inverted ?? false} onChange={(event) => set({ inverted: event.currentTarget.checked })} />
        <Switch label={t('bank.mapping.keep')} checked={keep} onChange={(event) => onKeep(event.currentTarget.checked)} />
      </Stack>
    </Panel>
  );
}

function Sample({ rows, width, head }: { rows: string[][]; width: number; head: string[] | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={css.sample} tabIndex={0} role="group" aria-label={t('bank.mapping.sample')}>
      <table className="plain">
        <thead><tr>{Array.from({ length: width }, (_, index) => <th key={String(index)} scope="col">{index + 1} {head?.[index]}</th>)}</tr></thead>
        <tbody>{rows.slice(0, 4).map((row) => <tr key={row.join('\t')}>{row.map((cell, index) => <td key={`${index + 1} ${cell}`}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
