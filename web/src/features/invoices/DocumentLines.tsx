import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DocumentDetail } from '@/api/schema';
import { useUnitNames } from '@/features/products/queries';
import { formatDay, formatMoney, formatPercent, formatQuantity } from '@/lib/format';
import { Panel } from '@/ui/layout';
import { Empty } from '@/ui/states';
import css from './invoices.module.css';
import { Totals } from './Totals';

const ZERO = /^0(\.0+)?$/;

/** What is billed, and what it amounts to. */
export function DocumentLines({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const unit = useUnitNames();
  const discounted = document.lines.some((line) => !ZERO.test(line.discount_pct));
  const money = (amount: string) => formatMoney(amount, document.currency);
  if (document.lines.length === 0) {
    const write = document.can.includes('edit') && <Link to="/invoices/$documentId/edit" params={{ documentId: document.id }}>{t('invoices.write')}</Link>;
    return <Panel title={t('invoices.lines')}><Empty title={t('invoices.noLines')} action={write} /></Panel>;
  }
  return (
    <Panel title={t('invoices.lines')} flush>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t('invoices.lines')}>
        <table className={`plain ${css.lines}`}>
          <thead>
            <tr>
              <th scope="col" className={css.name}>{t('invoices.name')}</th>
              <th scope="col" className="end">{t('invoices.quantity')}</th>
              <th scope="col" className="end">{t('invoices.unitPrice')}</th>
              {discounted && <th scope="col" className="end">{t('invoices.discount')}</th>}
              <th scope="col" className="end">{t('invoices.vat')}</th>
              <th scope="col" className="end">{t('invoices.net')}</th>
            </tr>
          </thead>
          <tbody>
            {document.lines.map((line) => (
              <tr key={line.id}>
                <td className={css.name}>
                  {line.name} {line.item !== '' && <Link to="/products" search={{ item: line.item }} ><span className={`${css.code} mono`}>{line.item}</span></Link>}
                  {line.description !== '' && <div className={css.about}>{line.description}</div>}
                  {line.supply_to && <div className={css.about}>{line.supply_from ? t('invoices.suppliedFromTo', { from: formatDay(line.supply_from), to: formatDay(line.supply_to) }) : t('invoices.suppliedOn', { day: formatDay(line.supply_to) })}</div>}
                  {line.bills && <div className={css.about}>{t('invoices.bills', { what: line.bills.map(({ kind, reference }) => `${kind} ${reference}`).join(', ') })}</div>}
                </td>
                <td className="end">{formatQuantity(line.quantity)} <span className="muted">{unit(line.unit_code)}</span></td>
                <td className="end">{money(line.unit_price)}</td>
                {discounted && <td className="end">{ZERO.test(line.discount_pct) ? '' : `−${formatPercent(line.discount_pct)}`}</td>}
                <td className="end">{formatPercent(line.vat.rate)}</td>
                <td className="end">{money(line.net)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={css.totalsFoot}><Totals of={document} /></div>
    </Panel>
  );
}
