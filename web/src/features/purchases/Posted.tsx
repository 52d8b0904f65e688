import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useMay } from '@/app/session';
import { useRoles } from '@/features/ledger/queries';
import { isZero, sum, toDecimal } from '@/lib/decimal';
import { formatMoney, formatPercent } from '@/lib/format';
import css from './purchases.module.css';
import { isCredit } from './status';

interface Leg {
  key: string;
  account: ReactNode;
  /** On the side of costs; the other is the supplier's. */
  cost?: string;
  owed?: string;
}

/** What of the invoice goes to which account: single lines to theirs, all else to the usual one. */
function costs(invoice: IncomingInvoiceDetail, account: string, lines: Record<string, string>): [code: string, amount: string][] {
  const found = new Map<string, string[]>();
  const add = (code: string, amount: string) => found.set(code, [...(found.get(code) ?? []), amount]);
  for (const line of invoice.lines) add(lines[line.id] ?? account, line.net);
  for (const each of invoice.adjustments) add(account, each.amount);
  return [...found].map(([code, amounts]): [string, string] => [code, sum(amounts)]).filter(([, amount]) => !isZero(amount));
}

/** What booking will post, before it does. */
export function Posted({ invoice, account, lines, rate }: { invoice: IncomingInvoiceDetail; account: string; lines: Record<string, string>; rate: string }) {
  const { t } = useTranslation();
  const legs = useLegs(invoice, account, lines);
  const credit = isCredit(invoice);
  const money = (amount: string | undefined) => (amount === undefined ? '' : formatMoney(amount, invoice.currency));
  const owed = invoice.vat_breakdown.filter(({ category }) => category === 'AE' || category === 'K');
  return (
    <div className={css.posted}>
      <table className="plain" aria-label={t('purchases.book.posts')}>
        <caption>{t('purchases.book.posts')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('books.account')}</th>
            <th scope="col" className="end">{t('books.debit')}</th>
            <th scope="col" className="end">{t('books.credit')}</th>
          </tr>
        </thead>
        <tbody>
          {legs.map((leg) => (
            <tr key={leg.key}>
              <td>{leg.account}</td>
              <td className="end">{money(credit ? leg.owed : leg.cost)}</td>
              <td className="end">{money(credit ? leg.cost : leg.owed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {owed.map(({ category, base }) => <p key={category} className="muted">{t(rate.trim() === '' ? 'purchases.book.ownUsual' : 'purchases.book.own', { base: money(base), rate: formatPercent(toDecimal(rate)) })}</p>)}
      <p className="muted">{t(credit ? 'purchases.book.afterCredit' : 'purchases.book.after')}</p>
    </div>
  );
}

function useLegs(invoice: IncomingInvoiceDetail, account: string, lines: Record<string, string>): Leg[] {
  const { t } = useTranslation();
  const may = useMay();
  const roles = useRoles(invoice.entity, may('ledger.view')).data ?? [];
  const legal = api.useQuery('get', '/api/entities/{code}/legal', { params: { path: { code: invoice.entity } } }, { enabled: may('settings.access') });
  const isDeducted = legal.data?.legal.vat_regime !== 'franchise';
  const roleOf = (role: 'purchases' | 'suppliers' | 'vat_deductible', at?: string) => {
    const known = roles.filter((one) => one.role === role);
    const found = known.find((one) => at !== undefined && one.rate && isZero(sum([one.rate, `-${at}`]))) ?? known.find((one) => !one.rate);
    return found?.account ? <><span className="num">{found.account}</span> {t(`books.role.${role}`)}</> : t(`books.role.${role}`);
  };
  const taxes = invoice.vat_breakdown.filter(({ vat }) => !isZero(vat));
  return [
    ...costs(invoice, account, lines).map(([code, amount]): Leg => ({ key: `cost ${code}`, account: code === '' ? roleOf('purchases') : <span className="num">{code}</span>, cost: amount })),
    ...taxes.map(({ category, rate, vat }): Leg => ({ key: `vat ${category} ${rate}`, account: isDeducted ? <>{roleOf('vat_deductible', rate)} · {formatPercent(rate)}</> : t('purchases.book.vatCosts'), cost: vat })),
    { key: 'supplier', account: <>{roleOf('suppliers')} · {invoice.party_name}</>, owed: invoice.gross },
  ];
}
