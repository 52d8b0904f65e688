import { ActionIcon, Autocomplete, Select, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconArrowDown, IconArrowUp, IconTextPlus, IconTrash } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '@/api/schema';
import { useVatReasons } from '@/features/parties/vat-reasons';
import { formatPercent } from '@/lib/format';
import css from './editor.module.css';
import { type EditorValues, withItem } from './model';

interface Choices {
  items: readonly Item[];
  units: { value: string; label: string }[];
  rates: { value: string; label: string }[];
}

/** One line being written: an item of the catalogue or anything else, and what follows from it. */
export function LineRow({ form, at, choices, net, rate, isStale, onAdd, onRemove }: {
  form: UseFormReturnType<EditorValues>; at: number; choices: Choices; net: string | undefined; rate: string | undefined; isStale: boolean; onAdd: () => void; onRemove: () => void;
}) {
  const { t } = useTranslation();
  const line = form.values.lines[at];
  const [described, setDescribed] = useState(line?.description !== '');
  const field = (name: string) => form.getInputProps(`lines.${at}.${name}`);
  const say = (label: string) => t('invoices.editor.ofLine', { label, number: at + 1 });
  if (!line) return null;
  const labels = choices.items.map((item) => `${item.code} · ${item.name}`);
  const pick = (label: string) => {
    const item = choices.items[labels.indexOf(label)];
    // The list writes its own text into the field after this.
    if (item) queueMicrotask(() => form.setFieldValue(`lines.${at}`, withItem(line, item)));
  };
  const asks = line.vat_rate !== '' && line.vat_rate !== choices.rates[0]?.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.key !== 'Enter' || !(target instanceof HTMLInputElement)) return;
    event.preventDefault();
    // An option of an open list is taken by Enter.
    if (!target.getAttribute('aria-activedescendant')) onAdd();
  };
  return (
    <div className={css.row} data-line={at} onKeyDown={onKeyDown} role="group" aria-label={t('invoices.editor.line', { number: at + 1 })}>
      <div className={css.line}>
        <Autocomplete aria-label={say(t('invoices.name'))} placeholder={t('invoices.editor.namePlaceholder')} data={labels} limit={8} onOptionSubmit={pick} title={line.item} rightSectionPointerEvents="all" rightSection={<Tool label={t('invoices.editor.describe')} onClick={() => setDescribed((shown) => !shown)}><IconTextPlus size={15} /></Tool>} {...field('name')} />
        <TextInput aria-label={say(t('invoices.quantity'))} inputMode="decimal" styles={{ input: { textAlign: 'end' } }} {...field('quantity')} />
        <Select aria-label={say(t('products.unit'))} data={choices.units} searchable allowDeselect={false} {...field('unit_code')} />
        <TextInput aria-label={say(t('invoices.unitPrice'))} inputMode="decimal" placeholder="0,00" styles={{ input: { textAlign: 'end' } }} {...field('unit_price')} />
        <TextInput aria-label={say(t('invoices.editor.discountPct'))} inputMode="decimal" placeholder="0 %" styles={{ input: { textAlign: 'end' } }} {...field('discount_pct')} />
        <Select aria-label={say(t('invoices.vat'))} data={choices.rates} placeholder={rate === undefined ? t('invoices.editor.auto') : formatPercent(rate)} clearable {...field('vat_rate')} value={line.vat_rate === '' ? null : line.vat_rate} onChange={(chosen) => form.setFieldValue(`lines.${at}.vat_rate`, chosen ?? '')} />
        <output className={isStale ? `${css.net} ${css.stale}` : css.net} aria-label={say(t('invoices.net'))}>{net ?? '–'}</output>
        <div className={css.tools}>
          <Tool label={t('invoices.editor.up')} disabled={at === 0} onClick={() => form.reorderListItem('lines', { from: at, to: at - 1 })}><IconArrowUp size={15} /></Tool>
          <Tool label={t('invoices.editor.down')} disabled={at === form.values.lines.length - 1} onClick={() => form.reorderListItem('lines', { from: at, to: at + 1 })}><IconArrowDown size={15} /></Tool>
          <Tool label={t('invoices.editor.remove')} onClick={onRemove}><IconTrash size={15} /></Tool>
        </div>
      </div>
      {(described || asks) && (
        <div className={css.more}>
          {described ? <Textarea aria-label={say(t('invoices.editor.description'))} placeholder={t('invoices.editor.description')} minRows={1} {...field('description')} /> : <span />}
          {asks && <Reason form={form} at={at} rate={line.vat_rate} label={say(t('invoices.vatReason'))} />}
        </div>
      )}
    </div>
  );
}

/** Why the rate is not the usual one: a reason that the law knows, or a sentence of one's own. */
function Reason({ form, at, rate, label }: { form: UseFormReturnType<EditorValues>; at: number; rate: string; label: string }) {
  const { t } = useTranslation();
  const reasons = useVatReasons(rate);
  const { value, onChange, ...rest } = form.getInputProps(`lines.${at}.vat_reason`) as { value: string; onChange: (text: string) => void };
  const shown = reasons.find((reason) => reason.value === value)?.label ?? value;
  return <Autocomplete aria-label={label} placeholder={t('invoices.vatReason')} data={reasons.map((reason) => reason.label)} value={shown} onChange={(text) => onChange(reasons.find((reason) => reason.label === text)?.value ?? text)} {...rest} />;
}

function Tool({ label, disabled, onClick, children }: { label: string; disabled?: boolean; onClick: () => void; children: ReactNode }) {
  return <ActionIcon size={24} aria-label={label} title={label} disabled={disabled ?? false} onClick={onClick}>{children}</ActionIcon>;
}
