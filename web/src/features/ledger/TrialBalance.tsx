import { SegmentedControl } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrialBalance as Balance, TrialLine, TrialSums } from '@/api/schema';
import { isNegative, isZero, opposite } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { Panel, Pill, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { Amount } from './Amount';
import css from './books.module.css';
import type { LedgerSearch } from './LedgerPage';
import { PeriodPicker } from './PeriodPicker';
import { CLASSES, exportTrialBalance, nameOf, useTrialBalance } from './queries';

/** The four sums of a line in one of the two currencies. */
function sums(line: TrialSums, second: boolean): { opening: string; debit: string; credit: string; balance: string } {
  return second ? { opening: line.second_opening, debit: line.second_debit, credit: line.second_credit, balance: line.second_balance } : line;
}

/** What every account held, moved and holds, by class; debit equals credit. */
export function TrialBalance({ entity, search }: { entity: string; search: LedgerSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<LedgerSearch>();
  const [second, setSecond] = useState(false);
  const period = { from: search.from, to: search.to };
  const balance = useTrialBalance(entity, period);
  const currencies = [balance.data?.currency, balance.data?.second_currency].filter((one) => one !== null && one !== undefined);
  return (
    <div className={css.body}>
      <Toolbar label={t('leads.filters')}>
        <PeriodPicker entity={entity} value={period} always={t('books.period.always')} onChange={patch} />
        {currencies.length > 1 && <SegmentedControl aria-label={t('books.currency')} data={currencies} value={currencies[second ? 1 : 0] ?? ''} onChange={(chosen) => setSecond(chosen === currencies[1])} />}
      </Toolbar>
      <Loaded query={balance} height={420}>
        {(data) => (
          <Panel
            flush
            title={t('books.balance.title', { on: formatDay(data.to) })}
            actions={<><Check total={sums(data.total, second)} /><ExportButton name="balance" permission="ledger.view" open={(signal) => exportTrialBalance(entity, period, signal)} /></>}
          >
            {data.accounts.length === 0 ? <Empty title={t('books.balance.empty')}>{t('books.balance.emptyAbout')}</Empty> : <Table data={data} second={second} period={period} />}
          </Panel>
        )}
      </Loaded>
    </div>
  );
}

function Check({ total }: { total: { debit: string; credit: string } }) {
  const { t } = useTranslation();
  const even = total.debit === total.credit;
  return <Pill tone={even ? 'good' : 'bad'}>{t(even ? 'books.balance.even' : 'books.balance.uneven')}</Pill>;
}

function Table({ data, second, period }: { data: Balance; second: boolean; period: { from?: string | undefined; to?: string | undefined } }) {
  const { t } = useTranslation();
  const currency = (second ? data.second_currency : data.currency) ?? 'EUR';
  return (
    <table className="plain" aria-label={t('books.tabs.balance')}>
      <thead>
        <tr>
          <th scope="col">{t('books.account')}</th>
          <th scope="col" className={`end ${css.wide}`}>{t('books.opening')}</th>
          <th scope="col" className={`end ${css.wide}`}>{t('books.debit')}</th>
          <th scope="col" className={`end ${css.wide}`}>{t('books.credit')}</th>
          <th scope="col" className="end">{t('books.debitBalance')}</th>
          <th scope="col" className="end">{t('books.creditBalance')}</th>
        </tr>
      </thead>
      <tbody>
        {CLASSES.map((one) => {
          const accounts = data.accounts.filter((line) => line.class === one);
          const total = data.classes.find((line) => line.class === one);
          if (accounts.length === 0 || !total) return null;
          return (
            <Fragment key={one}>
              <tr className={css.group}>
                <th scope="rowgroup">{t(`books.class.${one}`)}</th>
                <Sums line={sums(total, second)} currency={currency} />
              </tr>
              {accounts.map((line) => <Row key={line.account_id} line={line} second={second} currency={currency} period={period} />)}
            </Fragment>
          );
        })}
      </tbody>
      <tfoot>
        <tr className={css.sum}>
          <th scope="row">{t('common.total')} <span className="muted">{formatMoney('0', currency).replaceAll(/[\d.,\s\u202f\u00a0]/g, '')}</span></th>
          <Sums line={sums(data.total, second)} currency={currency} />
        </tr>
      </tfoot>
    </table>
  );
}

function Row({ line, second, currency, period }: { line: TrialLine; second: boolean; currency: string; period: { from?: string | undefined; to?: string | undefined } }) {
  const navigate = useNavigate();
  const card = { to: '/ledger/accounts/$accountId', params: { accountId: line.account_id }, search: { from: period.from, to: period.to } } as const;
  return (
    <tr className={css.row} onClick={() => void navigate(card)}>
      <td><Link {...card} onClick={(event) => event.stopPropagation()}><span className={css.code}>{line.code}</span>{nameOf(line)}</Link></td>
      <Sums line={sums(line, second)} currency={currency} />
    </tr>
  );
}

function Sums({ line, currency }: { line: { opening: string; debit: string; credit: string; balance: string }; currency: string }) {
  const credit = isNegative(line.balance);
  return (
    <>
      <td className={`end ${css.wide}`}><Amount value={line.opening} currency={currency} /></td>
      <td className={`end ${css.wide}`}><Amount value={line.debit} currency={currency} /></td>
      <td className={`end ${css.wide}`}><Amount value={line.credit} currency={currency} /></td>
      <td className="end">{!credit && !isZero(line.balance) && <Amount value={line.balance} currency={currency} />}</td>
      <td className="end">{credit && <Amount value={opposite(line.balance)} currency={currency} />}</td>
    </>
  );
}
