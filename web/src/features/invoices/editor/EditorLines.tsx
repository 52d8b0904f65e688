import { Button } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentPreview } from '@/api/schema';
import { useItems, useUnits, useVatRates } from '@/features/products/queries';
import { formatMoney } from '@/lib/format';
import { Panel } from '@/ui/layout';
import css from './editor.module.css';
import { LineRow } from './LineRow';
import { type EditorValues, freshLine } from './model';

/** The lines being written. Enter in one begins the next. */
export function EditorLines({ form, preview, places, isStale }: { form: UseFormReturnType<EditorValues>; preview: DocumentPreview | undefined; places: readonly number[]; isStale: boolean }) {
  const { t } = useTranslation();
  const items = (useItems().data ?? []).filter((item) => item.active);
  const choices = { items, units: useUnits(), rates: useVatRates() };
  const list = useRef<HTMLDivElement>(null);
  const wanted = useRef<number>(undefined);
  // The keyboard goes to a line once that is drawn.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    list.current?.querySelector<HTMLInputElement>(`[data-line="${wanted.current}"] input`)?.focus();
    wanted.current = undefined;
  });
  const add = (at: number, kind?: string) => {
    form.insertListItem('lines', freshLine(kind), at);
    wanted.current = at;
  };
  const remove = (at: number) => {
    if (form.values.lines.length === 1) form.setFieldValue('lines', [freshLine()]);
    else form.removeListItem('lines', at);
    wanted.current = Math.max(0, at - 1);
  };
  const end = form.values.lines.length;
  return (
    <Panel title={t('invoices.lines')} flush>
      <div className={css.cols} aria-hidden>
        <span>{t('invoices.name')}</span>
        <span className={css.end}>{t('invoices.quantity')}</span>
        <span>{t('products.unit')}</span>
        <span className={css.end}>{t('invoices.unitPrice')}</span>
        <span className={css.end}>{t('invoices.editor.discountShort')}</span>
        <span>{t('invoices.vat')}</span>
        <span className={css.end}>{t('invoices.net')}</span>
        <span />
      </div>
      <div ref={list}>
        {form.values.lines.map((line, at) => {
          const shown = preview?.lines[places.indexOf(at)];
          return <LineRow key={line.key} form={form} at={at} choices={choices} net={shown && preview ? formatMoney(shown.net, preview.currency) : undefined} rate={shown?.vat.rate} isStale={isStale} onAdd={() => add(at + 1)} onRemove={() => remove(at)} />;
        })}
      </div>
      <div className={css.foot}>
        <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(end)}>{t('invoices.editor.add')}</Button>
        {form.values.kind !== 'credit_note' && <Button variant="subtle" onClick={() => add(end, 'discount')}>{t('invoices.editor.addDiscount')}</Button>}
        <span className={css.hint}>{t('invoices.editor.enter')}</span>
      </div>
    </Panel>
  );
}
