import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconFileImport, IconRefresh } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankAccountDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { formatDay, formatMoney, formatNumber } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Figure, Figures, Page, Pill } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { BankAccountForm } from './BankAccountForm';
import { BankLines } from './BankLines';
import { type BankSearch, useBankAccount } from './queries';

const Statements = lazy(async () => ({ default: (await import('./Statements')).Statements }));
const ImportStatement = lazy(async () => ({ default: (await import('./ImportStatement')).ImportStatement }));

const route = getRouteApi('/_app/bank/$accountId');
const TABS = ['lines', 'statements'] as const;

/** One bank account: what came in and went out, and what became of it. */
export function BankAccountPage() {
  const { t } = useTranslation();
  const { accountId } = route.useParams();
  const account = useBankAccount(accountId);
  return <LoadedPage query={account} list={{ link: { to: '/bank' }, title: t('bank.title') }}>{(view) => <Screen account={view} />}</LoadedPage>;
}

function Screen({ account }: { account: BankAccountDetail }) {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<BankSearch>();
  const tab = TABS.find((one) => one === search.tab) ?? 'lines';
  return (
    <Page
      title={<>{account.name}{!account.active && <Pill>{t('bank.closed')}</Pill>}</>}
      about={<><Link to="/bank">{t('bank.title')}</Link> · {account.entity} · <span className="mono">{account.iban ? account.iban.replaceAll(/(.{4})(?=.)/g, '$1 ') : account.number}</span></>}
      actions={<Actions account={account} />}
    >
      <Balances account={account} />
      <Tabs value={tab} onChange={(value) => patch({ tab: value === 'lines' ? undefined : (value ?? undefined), state: undefined, search: undefined, from: undefined, to: undefined })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`bank.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Suspense fallback={<Skeleton h={320} radius="md" />}>
          {tab === 'lines' && <BankLines account={account} search={search} />}
          {tab === 'statements' && <Statements account={account} />}
        </Suspense>
      </Tabs>
    </Page>
  );
}

function Actions({ account }: { account: BankAccountDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [open, setOpen] = useState<'edit' | 'import'>();
  const match = api.useMutation('post', '/api/bank/accounts/{id}/matching', useOutcome({ done: t('bank.lookedAgain') }));
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  const close = () => setOpen(undefined);
  return (
    <>
      {account.can.includes('change') && <Button {...off} variant="default" onClick={() => setOpen('edit')}>{t('common.edit')}</Button>}
      {account.can.includes('match') && account.reconciliation.unmatched_lines > 0 && <Button {...off} variant="default" leftSection={<IconRefresh size={14} aria-hidden />} loading={match.isPending} onClick={() => match.mutate({ params: { path: { id: account.id } } })}>{t('bank.lookAgain')}</Button>}
      {account.can.includes('import') && <Button {...off} leftSection={<IconFileImport size={14} aria-hidden />} onClick={() => setOpen('import')}>{t('bank.import.title')}</Button>}
      {open === 'edit' && <BankAccountForm entity={account.entity} account={account} onClose={close} />}
      {open === 'import' && <Suspense><ImportStatement account={account} onClose={close} /></Suspense>}
    </>
  );
}

function Balances({ account }: { account: BankAccountDetail }) {
  const { t } = useTranslation();
  const { reconciliation: seen } = account;
  const money = (amount: string | null | undefined) => (amount === null || amount === undefined ? '–' : formatMoney(amount, account.currency));
  const lines = (state: string | undefined) => ({ to: '/bank/$accountId' as const, params: { accountId: account.id }, search: state === undefined ? {} : { state } });
  const count = (lineCount: number) => t('bank.lineCount', { count: lineCount, lines: formatNumber(lineCount) });
  return (
    <Figures money>
      <Figure label={t('bank.atBank')} value={money(seen.statement_balance)} note={seen.statement_on ? formatDay(seen.statement_on) : t('bank.noStatement')} />
      <Figure label={t('bank.inBooks')} value={money(seen.ledger_balance)} note={t('bank.onAccount', { account: account.ledger_account })} to={{ to: '/ledger', search: { tab: 'entries', account: account.ledger_account } }} />
      <Figure label={t('bank.waitingSum')} value={money(seen.unmatched)} note={count(seen.unmatched_lines)} to={lines(seen.suggested_lines === 0 ? 'unmatched' : seen.suggested_lines === seen.unmatched_lines ? 'suggested' : undefined)} />
      <Figure label={t('bank.states.ignored')} value={money(seen.ignored)} note={count(seen.ignored_lines)} to={lines('ignored')} />
      <Figure label={t('bank.difference')} value={money(seen.difference)} note={t('bank.differenceAbout')} />
    </Figures>
  );
}
