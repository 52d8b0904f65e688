import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentVatView } from '@/api/schema';
import { formatMoney, formatPercent } from '@/lib/format';
import css from './invoices.module.css';

/** What a document amounts to, in the form that both a stored one and a preview have. */
export interface Amounts {
  currency: string;
  lines_net: string;
  discount_total: string;
  net: string;
  vat: string;
  gross: string;
  vat_lines: readonly DocumentVatView[];
}

const ZERO = /^0(\.0+)?$/;

/** The way from the lines to what is to be paid, with the VAT of each rate. */
export function Totals({ of }: { of: Amounts }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, of.currency);
  return (
    <dl className={css.totals} data-testid="totals">
      {!ZERO.test(of.discount_total) && (
        <>
          <dt>{t('invoices.linesNet')}</dt>
          <dd>{money(of.lines_net)}</dd>
          <dt>{t('invoices.discount')}</dt>
          <dd>{money(`-${of.discount_total}`)}</dd>
        </>
      )}
      <dt>{t('invoices.net')}</dt>
      <dd>{money(of.net)}</dd>
      {of.vat_lines.map((group) => (
        <Fragment key={`${group.category} ${group.rate}`}>
          <dt>{t('invoices.vatOn', { rate: formatPercent(group.rate), base: money(group.base) })}</dt>
          <dd>{money(group.vat)}</dd>
          {group.reason !== '' && <dt className={css.reason}>{group.reason}</dt>}
        </Fragment>
      ))}
      <dt className={css.sum}>{t('invoices.gross')}</dt>
      <dd className={css.sum} data-testid="gross">{money(of.gross)}</dd>
    </dl>
  );
}
