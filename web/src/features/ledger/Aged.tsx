import { SegmentedControl, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AgedAmounts, AgedParty, AgedSide } from '@/api/schema';
import { formatDay, formatMoney } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { today } from '@/lib/day';
import { WeekBars } from '@/ui/chart';
import { Panel, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { Amount } from './Amount';
import css from './books.module.css';
import type { LedgerSearch } from './LedgerPage';
import { useBook, useRoleAccount } from './queries';

const SIDES: AgedSide[] = ['customers', 'suppliers'];
const BUCKETS = ['not_due', 'days_0_30', 'days_31_60', 'days_61_90', 'days_91_plus'] as const;

/** What is open, by party and by how long it is due. */
export function Aged({ entity, search }: { entity: string; search: LedgerSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<LedgerSearch>();
  const side = SIDES.find((one) => one === search.side) ?? 'customers';
  const on = search.on ?? today();
  const currency = useBook(entity).data?.functional ?? 'EUR';
  const account = useRoleAccount(entity, side);
  const aged = api.useQuery('get', '/api/ledger/aged-balance', { params: { query: { entity, side, on } } });
  return (
    <div className={css.body}>
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl aria-label={t('books.aged.side')} value={side} data={SIDES.map((value) => ({ value, label: t(`books.aged.sides.${value}`) }))} onChange={(value) => patch({ side: value })} />
        <TextInput type="date" aria-label={t('books.aged.on')} value={on} onChange={(event) => patch({ on: event.currentTarget.value || undefined })} w={136} />
      </Toolbar>
      <Loaded query={aged} height={420}>
        {(data) => (
          <>
            <Panel title={t('books.aged.title', { on: formatDay(data.on), amount: formatMoney(data.total.balance, currency) })}>
              <WeekBars label={t('books.aged.chart')} height={180} rows={BUCKETS.map((bucket) => ({ label: t(`books.aged.bucket.${bucket}`), amount: Number(data.total[bucket]) }))} series={[{ name: 'amount', label: currency, tone: side === 'customers' ? 'accent' : 'violet' }]} />
            </Panel>
            <Panel flush title={t(`books.aged.sides.${side}`)}>
              {data.parties.length === 0 ? <Empty title={t('books.aged.empty')}>{t('books.aged.emptyAbout')}</Empty> : <Table parties={data.parties} total={data.total} currency={currency} account={account?.id} on={on} />}
            </Panel>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Table({ parties, total, currency, account, on }: { parties: AgedParty[]; total: AgedAmounts; currency: string; account: string | undefined; on: string }) {
  const { t } = useTranslation();
  return (
    <table className="plain" aria-label={t('books.tabs.aged')}>
      <thead>
        <tr>
          <th scope="col">{t('books.party')}</th>
          {BUCKETS.map((bucket) => <th key={bucket} scope="col" className={`end ${css.wide}`}>{t(`books.aged.bucket.${bucket}`)}</th>)}
          <th scope="col" className={`end ${css.wide}`}>{t('books.aged.unallocated')}</th>
          <th scope="col" className="end">{t('books.card.balance')}</th>
        </tr>
      </thead>
      <tbody>{parties.map((party) => <Row key={party.party_id ?? ''} party={party} currency={currency} account={account} on={on} />)}</tbody>
      <tfoot>
        <tr className={css.sum}>
          <th scope="row">{t('common.total')}</th>
          <Amounts amounts={total} currency={currency} />
        </tr>
      </tfoot>
    </table>
  );
}

/** A party; opens what of it is open. */
function Row({ party, currency, account, on }: { party: AgedParty; currency: string; account: string | undefined; on: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const card = account !== undefined && party.party_id ? ({ to: '/ledger/accounts/$accountId', params: { accountId: account }, search: { party: party.party_id, open: 'true', to: on } } as const) : undefined;
  const name = <><span className={css.code}>{party.code}</span>{party.name ?? t('books.aged.noParty')}</>;
  return (
    <tr className={card && css.row} onClick={() => card && void navigate(card)}>
      <td>{card ? <Link {...card} onClick={(event) => event.stopPropagation()}>{name}</Link> : name}</td>
      <Amounts amounts={party} currency={currency} />
    </tr>
  );
}

function Amounts({ amounts, currency }: { amounts: AgedAmounts; currency: string }) {
  return (
    <>
      {BUCKETS.map((bucket) => <td key={bucket} className={`end ${css.wide}`}><Amount value={amounts[bucket]} currency={currency} /></td>)}
      <td className={`end ${css.wide}`}><Amount value={amounts.unallocated} currency={currency} /></td>
      <td className="end"><strong><Amount value={amounts.balance} currency={currency} /></strong></td>
    </>
  );
}
