import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerRoleView, VatReturn, VatReturnMonth, VatReturnRow } from '@/api/schema';
import { isNegative, isZero, opposite, sum } from '@/lib/decimal';
import { formatDay, formatMonth, formatMoney, formatPercent } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Figure, Figures, Panel, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { Amount } from './Amount';
import css from './books.module.css';
import type { LedgerSearch } from './LedgerPage';
import { PeriodPicker } from './PeriodPicker';
import { monthOf, type Period, thisMonth } from './period';
import { nameOf, useBook, useRoles, useTrialBalance } from './queries';

const CATEGORIES = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'] as const;

/** What is due for VAT, by rate, and what waits until it is paid. */
export function Vat({ entity, search }: { entity: string; search: LedgerSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<LedgerSearch>();
  const period: Period = search.from || search.to ? { from: search.from, to: search.to } : thisMonth();
  const currency = useBook(entity).data?.functional ?? 'EUR';
  const roles = useRoles(entity);
  const vat = api.useQuery('get', '/api/ledger/vat-return', { params: { query: { entity, ...(period.from && { from: period.from }), ...(period.to && { to: period.to }) } } });
  return (
    <div className={css.body}>
      <Toolbar label={t('leads.filters')}><PeriodPicker entity={entity} value={period} onChange={patch} /></Toolbar>
      <Loaded query={vat} height={420}>
        {(data) => (
          <>
            <Sums data={data} currency={currency} />
            {data.rows.length === 0
              ? <Panel><Empty title={t('books.vat.empty')}>{t('books.vat.emptyAbout')}</Empty></Panel>
              : <Panel flush title={t('books.vat.title', { from: formatDay(data.from), to: formatDay(data.to) })}><Table data={data} currency={currency} roles={roles.data ?? []} /></Panel>}
            <Pending entity={entity} to={data.to} currency={currency} roles={roles.data ?? []} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Sums({ data, currency }: { data: VatReturn; currency: string }) {
  const { t } = useTranslation();
  const of = (field: 'output' | 'input' | 'net') => sum(data.months.map((month) => month[field]));
  const net = of('net');
  return (
    <Figures money>
      <Figure label={t('books.vat.direction.output')} value={formatMoney(of('output'), currency)} />
      <Figure label={t('books.vat.direction.input')} value={formatMoney(of('input'), currency)} />
      <Figure label={t(isNegative(net) ? 'books.vat.credit' : 'books.vat.due')} value={formatMoney(isNegative(net) ? opposite(net) : net, currency)} />
      <Figure label={t('books.vat.pending')} value={formatMoney(data.pending_on_receipt, currency)} note={t('books.vat.pendingAbout')} />
    </Figures>
  );
}

function Table({ data, currency, roles }: { data: VatReturn; currency: string; roles: LedgerRoleView[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain" aria-label={t('books.tabs.vat')}>
      <thead>
        <tr>
          <th scope="col">{t('books.vat.what')}</th>
          <th scope="col" className="end">{t('books.vat.rate')}</th>
          <th scope="col" className="end">{t('books.vat.base')}</th>
          <th scope="col" className="end">{t('books.vat.vat')}</th>
        </tr>
      </thead>
      <tbody>
        {data.months.map((month) => (
          <Fragment key={month.month}>
            <MonthHead month={month} currency={currency} />
            {data.rows.filter((row) => row.month === month.month).map((row) => <Row key={`${row.direction} ${row.category} ${row.rate}`} row={row} currency={currency} roles={roles} />)}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function MonthHead({ month, currency }: { month: VatReturnMonth; currency: string }) {
  const { t } = useTranslation();
  const credit = isNegative(month.net);
  return (
    <tr className={css.group}>
      <th scope="rowgroup" colSpan={2}>{formatMonth(month.month)}</th>
      <th scope="col" className="end">{t(credit ? 'books.vat.credit' : 'books.vat.due')}</th>
      <th scope="col" className="end">{formatMoney(credit ? opposite(month.net) : month.net, currency)}</th>
    </tr>
  );
}

/** The account that the VAT of a row is booked on. */
function accountOf(row: VatReturnRow, roles: LedgerRoleView[]): string | undefined {
  const role = row.direction === 'input' ? 'vat_deductible' : row.category === 'AE' || row.category === 'K' ? 'vat_reverse_charge' : 'vat_collected';
  const playing = roles.filter((one) => one.role === role);
  return (playing.find((one) => one.rate && Number(one.rate) === Number(row.rate)) ?? playing.find((one) => !one.rate))?.account ?? undefined;
}

/** A rate of a month; both figures open the entries that it is made of. */
function Row({ row, currency, roles }: { row: VatReturnRow; currency: string; roles: LedgerRoleView[] }) {
  const { t } = useTranslation();
  const account = isZero(row.vat) ? undefined : accountOf(row, roles);
  // Where there is no VAT, no account has it: the journal has the documents.
  const entries = { to: '/ledger', search: { tab: 'entries', ...monthOf(row.month), ...(account ? { account } : { journal: row.direction === 'input' ? 'AC' : 'VE' }) } } as const;
  const category = CATEGORIES.find((one) => one === row.category);
  return (
    <tr>
      <td>{t(`books.vat.direction.${row.direction as 'output'}`)} <span className="muted">· {category ? t(`books.vat.category.${category}`) : row.category}</span></td>
      <td className="end">{formatPercent(row.rate)}</td>
      <td className="end"><Link {...entries}><Amount value={row.base} currency={currency} /></Link></td>
      <td className="end">{isZero(row.vat) ? <Amount value={row.vat} /> : <Link {...entries}><Amount value={row.vat} currency={currency} /></Link>}</td>
    </tr>
  );
}

/** The accounts of VAT that becomes due with the payment, and what they hold. */
function Pending({ entity, to, currency, roles }: { entity: string; to: string; currency: string; roles: LedgerRoleView[] }) {
  const { t } = useTranslation();
  const balance = useTrialBalance(entity, { to });
  const codes = new Set(roles.filter((one) => one.role === 'vat_pending').map((one) => one.account));
  const accounts = (balance.data?.accounts ?? []).filter((line) => codes.has(line.code) && !isZero(line.balance));
  if (accounts.length === 0) return null;
  return (
    <Panel flush title={t('books.vat.pending')}>
      <table className="plain" aria-label={t('books.vat.pending')}>
        <tbody>
          {accounts.map((line) => (
            <tr key={line.account_id}>
              <td><Link to="/ledger/accounts/$accountId" params={{ accountId: line.account_id }} search={{ to }}><span className={css.code}>{line.code}</span>{nameOf(line)}</Link></td>
              <td className="end"><Amount value={opposite(line.balance)} currency={currency} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
