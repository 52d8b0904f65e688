import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncomingInvoiceDetail } from '@/api/schema';
import invoices from '@/features/invoices/invoices.module.css';
import { useUnitNames } from '@/features/products/queries';
import { isZero, opposite } from '@/lib/decimal';
import { formatMoney, formatPercent, formatQuantity } from '@/lib/format';
import { Panel } from '@/ui/layout';

/** What is billed, and the way to what is to be paid, as the seller says it. */
export function PurchaseLines({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const unit = useUnitNames();
  const money = (amount: string) => formatMoney(amount, invoice.currency);
  return (
    <Panel title={t('invoices.lines')} flush>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t('invoices.lines')}>
        <table className={`plain ${invoices.lines}`}>
          <thead>
            <tr>
              <th scope="col" className={invoices.name}>{t('invoices.name')}</th>
              <th scope="col" className="end">{t('invoices.quantity')}</th>
              <th scope="col" className="end">{t('invoices.unitPrice')}</th>
              <th scope="col" className="end">{t('invoices.vat')}</th>
              <th scope="col" className="end">{t('invoices.net')}</th>
            </tr>
          </thead>
          <tbody>
            {invoice.lines.map((line) => (
              <tr key={`${line.id} ${line.name}`}>
                <td className={invoices.name}>
                  {line.name}
                  {line.description && line.description !== line.name && <div className={invoices.about}>{line.description}</div>}
                </td>
                <td className="end">{formatQuantity(line.quantity)} <span className="muted">{unit(line.unit)}</span></td>
                <td className="end">{money(line.unit_price)}</td>
                <td className="end"><Vat category={line.vat_category} rate={line.vat_rate} /></td>
                <td className="end">{money(line.net)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={invoices.totalsFoot}><Totals invoice={invoice} /></div>
    </Panel>
  );
}

/** The rate; where none is charged, the category that says why. */
function Vat({ category, rate }: { category: string; rate: string }) {
  const { t } = useTranslation();
  if (category === 'S') return <>{formatPercent(rate)}</>;
  return <abbr title={t(`purchases.category.${category as 'AE'}`, { defaultValue: category })} style={{ textDecoration: 'none' }}>{category}</abbr>;
}

function Totals({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, invoice.currency);
  const { totals } = invoice;
  return (
    <dl className={invoices.totals} data-testid="totals">
      {invoice.adjustments.length > 0 && <><dt>{t('invoices.linesNet')}</dt><dd>{money(totals.lines)}</dd></>}
      {invoice.adjustments.map((each) => (
        <Fragment key={`${each.amount} ${each.reason ?? ''} ${each.vat_category} ${each.vat_rate}`}>
          <dt>{each.reason ?? t(each.amount.startsWith('-') ? 'invoices.discount' : 'purchases.charge')}</dt>
          <dd>{money(each.amount)}</dd>
        </Fragment>
      ))}
      <dt>{t('invoices.net')}</dt>
      <dd>{money(totals.net)}</dd>
      {invoice.vat_breakdown.map((group) => (
        <Fragment key={`${group.category} ${group.rate}`}>
          <dt>{group.category === 'S' ? t('invoices.vatOn', { rate: formatPercent(group.rate), base: money(group.base) }) : t('purchases.vatNone', { category: t(`purchases.category.${group.category as 'AE'}`, { defaultValue: group.category }), base: money(group.base) })}</dt>
          <dd>{money(group.vat)}</dd>
          {group.reason && <dt className={invoices.reason}>{group.reason}</dt>}
        </Fragment>
      ))}
      <dt className={invoices.sum}>{t('invoices.gross')}</dt>
      <dd className={invoices.sum} data-testid="gross">{money(totals.gross)}</dd>
      {!isZero(totals.prepaid) && <><dt>{t('purchases.prepaid')}</dt><dd>{money(opposite(totals.prepaid))}</dd></>}
      {!isZero(totals.prepaid) && <><dt>{t('purchases.toPay')}</dt><dd>{money(totals.due)}</dd></>}
    </dl>
  );
}
