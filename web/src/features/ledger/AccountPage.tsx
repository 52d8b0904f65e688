import { Button, Switch } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { CardLine, LedgerAccountView } from '@/api/schema';
import { useMay, useOneEntity } from '@/app/session';
import { formatDay, formatMoney } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { Figure, Figures, Page, Pill, Toolbar } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { AccountForm } from './AccountForm';
import { Amount } from './Amount';
import { LetterPill } from './LetterPill';
import { LetterSelected } from './LetterSelected';
import { PartySelect } from './PartySelect';
import { PeriodPicker } from './PeriodPicker';
import { nameOf, useBook, useTrialBalance } from './queries';
import { PartyLink } from './SourceLink';

const route = getRouteApi('/_app/ledger/accounts/$accountId');

interface CardSearch {
  from?: string | undefined;
  to?: string | undefined;
  party?: string | undefined;
  open?: string | undefined;
}

/** The card of an account: its lines with the running balance, and what settles what. */
export function AccountPage() {
  const { t } = useTranslation();
  const { accountId } = route.useParams();
  const account = api.useQuery('get', '/api/ledger/accounts/{id}', { params: { path: { id: accountId } } });
  return <LoadedPage query={account} list={{ link: { to: '/ledger', search: { tab: 'accounts' } }, title: t('books.title') }}>{(view) => <Screen account={view} />}</LoadedPage>;
}

function Screen({ account }: { account: LedgerAccountView }) {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<CardSearch>();
  const navigate = useNavigate();
  const may = useMay();
  const oneEntity = useOneEntity();
  const [editing, setEditing] = useState(false);
  const currency = useBook(account.entity).data?.functional ?? 'EUR';
  const { from, to, party, open } = search;
  const query = { ...(from && { from }), ...(to && { to }), ...(party && { party }), ...(open === 'true' && { open: true }) };
  const card = api.useInfiniteQuery('get', '/api/ledger/accounts/{id}/card', { params: { path: { id: account.id }, query } }, BY_CURSOR);
  return (
    <Page
      fill
      title={<><span className="num">{account.code}</span> {nameOf(account)}{!account.active && <Pill>{t('books.accounts.off')}</Pill>}</>}
      about={<><Link to="/ledger" search={{ tab: 'accounts' }}>{t('books.tabs.accounts')}</Link> · {account.entity}</>}
      actions={
        <>
          <Link to="/ledger" search={{ tab: 'entries', account: account.code, ...(from && { from }), ...(to && { to }) }}>{t('books.card.entries')}</Link>
          {may('ledger.manage') && <Button disabled={!oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} variant="default" onClick={() => setEditing(true)}>{t('common.edit')}</Button>}
        </>
      }
    >
      <Sums account={account} from={from} to={to} party={party} opening={card.data?.pages[0]?.opening} currency={currency} />
      <Toolbar label={t('leads.filters')}>
        <PeriodPicker entity={account.entity} value={{ from, to }} always={t('books.period.always')} onChange={patch} />
        {account.is_auxiliary && <PartySelect entity={account.entity} aria-label={t('books.party')} placeholder={t('books.party')} value={party} onChange={(id) => patch({ party: id })} />}
        <Switch label={t('books.card.open')} checked={open === 'true'} onChange={(event) => patch({ open: event.currentTarget.checked ? 'true' : undefined })} />
      </Toolbar>
      <DataTable
        name="card"
        label={t('books.card.title')}
        columns={useColumns(account, currency)}
        pages={card}
        rowId={(line) => line.id}
        onOpen={(line) => void navigate({ to: '/ledger/entries/$entryId', params: { entryId: line.entry_id } })}
        bulk={may('ledger.manage') && oneEntity ? (lines, clear) => <LetterSelected lines={lines} currency={currency} clear={clear} /> : undefined}
        empty={<Empty title={t(open === 'true' ? 'books.card.noneOpen' : 'books.card.empty')}>{t('books.card.emptyAbout')}</Empty>}
      />
      {editing && <AccountForm entity={account.entity} account={account} onClose={() => setEditing(false)} />}
    </Page>
  );
}

/** What the trial balance says of the account; of one party only what stood before is known. */
function Sums({ account, from, to, party, opening, currency }: { account: LedgerAccountView; from: string | undefined; to: string | undefined; party: string | undefined; opening: string | undefined; currency: string }) {
  const { t } = useTranslation();
  const balance = useTrialBalance(account.entity, { from, to });
  const line = balance.data?.accounts.find((one) => one.account_id === account.id);
  const shown = (value: string | undefined) => formatMoney(value ?? '0', currency);
  if (party) return <Figures money><Figure label={t('books.opening')} value={opening === undefined ? '–' : shown(opening)} /></Figures>;
  if (!balance.data) return null;
  return (
    <Figures money>
      <Figure label={t('books.opening')} value={shown(line?.opening)} />
      <Figure label={t('books.debit')} value={shown(line?.debit)} />
      <Figure label={t('books.credit')} value={shown(line?.credit)} />
      <Figure label={t('books.card.balance')} value={shown(line?.balance)} note={formatDay(balance.data.to)} />
    </Figures>
  );
}

function useColumns(account: LedgerAccountView, currency: string): Column<CardLine>[] {
  const { t } = useTranslation();
  const { is_auxiliary: byParty } = account;
  const second = useBook(account.entity).data?.second?.currency;
  return useMemo(
    () => [
      { id: 'on', header: t('books.date'), width: '5.5rem', cell: (line) => <span className="num">{formatDay(line.on)}</span> },
      { id: 'entry', header: t('books.entryLabel'), width: '6rem', wide: true, cell: (line) => <Link to="/ledger/entries/$entryId" params={{ entryId: line.entry_id }} tabIndex={-1}>{line.reference}</Link> },
      { id: 'piece', header: t('books.piece'), width: 'minmax(7rem, 1fr)', wide: true, cell: (line) => line.piece_ref },
      ...(byParty ? [{ id: 'party', header: t('books.party'), width: 'minmax(7rem, 1fr)', wide: true, cell: (line: CardLine) => <PartyLink id={line.party_id} name={line.party_name} /> }] : []),
      { id: 'label', header: t('books.label'), width: 'minmax(7rem, 1.4fr)', wide: true, cell: (line) => line.label },
      ...(byParty ? [{ id: 'due', header: t('books.dueOn'), width: '5.5rem', wide: true, hidden: true, cell: (line: CardLine) => line.due_on && <span className="num">{formatDay(line.due_on)}</span> }] : []),
      { id: 'letter', header: t('books.letter'), width: '4.5rem', wide: true, cell: (line) => line.letter && <LetterPill letter={line.letter} entryId={line.entry_id} lineId={line.id} /> },
      { id: 'debit', header: t('books.debit'), width: '5.75rem', align: 'end', cell: (line) => <Amount value={line.debit} currency={currency} /> },
      { id: 'credit', header: t('books.credit'), width: '5.75rem', align: 'end', cell: (line) => <Amount value={line.credit} currency={currency} /> },
      { id: 'balance', header: t('books.card.running'), width: '7rem', align: 'end', wide: true, cell: (line) => <Amount value={line.balance} currency={currency} /> },
      ...(second
        ? [
            { id: 'secondDebit', header: `${t('books.debit')} ${second}`, width: '7rem', align: 'end' as const, wide: true, hidden: true, cell: (line: CardLine) => <Amount value={line.second_debit} currency={second} /> },
            { id: 'secondCredit', header: `${t('books.credit')} ${second}`, width: '7rem', align: 'end' as const, wide: true, hidden: true, cell: (line: CardLine) => <Amount value={line.second_credit} currency={second} /> },
          ]
        : []),
    ],
    [t, byParty, currency, second],
  );
}
