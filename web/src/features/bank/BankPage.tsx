import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BankAccountView } from '@/api/schema';
import { useEntity, useMay } from '@/app/session';
import { isZero } from '@/lib/decimal';
import { formatDay, formatMoney, formatNumber } from '@/lib/format';
import { Page, Panel, Pill } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { BankAccountForm } from './BankAccountForm';
import { MatchingSettings } from './MatchingSettings';
import { Progress } from './Progress';
import css from './bank.module.css';
import { useBankAccount, useBankAccounts } from './queries';

/** Every bank account: what the bank says, what the books say, and what waits between them. */
export function BankPage() {
  const { t } = useTranslation();
  const may = useMay();
  const entity = useEntity();
  const accounts = useBankAccounts();
  const [opening, setOpening] = useState(false);
  const open = may('billing.manage') && <Button leftSection={<IconPlus size={14} />} disabled={!entity} title={entity ? undefined : t('common.oneEntity')} onClick={() => setOpening(true)}>{t('bank.new')}</Button>;
  return (
    <Page title={t('bank.title')} about={t('bank.about')} actions={<>{may('billing.manage') && <MatchingSettings />}{open}</>}>
      <Loaded query={accounts} height={240}>
        {(list) => (list.length === 0
          ? <Panel><Empty title={t('bank.empty')} action={open}>{t('bank.emptyAbout')}</Empty></Panel>
          : <div className={css.accounts}>{list.map((account) => <Account key={account.id} account={account} />)}</div>)}
      </Loaded>
      {opening && entity && <BankAccountForm entity={entity} onClose={() => setOpening(false)} />}
    </Page>
  );
}

function Account({ account }: { account: BankAccountView }) {
  const { t } = useTranslation();
  const detail = useBankAccount(account.id);
  const money = (amount: string | null | undefined) => (amount === null || amount === undefined ? '–' : formatMoney(amount, account.currency));
  return (
    <Link to="/bank/$accountId" params={{ accountId: account.id }} className={css.account}>
      <span className={css.accountHead}>
        <strong>{account.name}</strong>
        <span className="muted">{account.entity}</span>
        {!account.active && <Pill>{t('bank.closed')}</Pill>}
      </span>
      <span className="mono muted">{account.iban ? account.iban.replaceAll(/(.{4})(?=.)/g, '$1 ') : account.number}</span>
      <Loaded query={detail} height={96}>
        {({ reconciliation: seen }) => (
          <>
            <span className={css.both}>
              <span><span className="muted">{t('bank.atBank')}</span><b>{money(seen.statement_balance)}</b><span className="muted">{seen.statement_on ? formatDay(seen.statement_on) : t('bank.noStatement')}</span></span>
              <span><span className="muted">{t('bank.inBooks')}</span><b>{money(seen.ledger_balance)}</b><span className="muted num">{account.ledger_account}</span></span>
            </span>
            <span className={css.pills}>
              {seen.unmatched_lines > 0 && <Pill tone="warn">{t('bank.waiting', { count: seen.unmatched_lines, lines: formatNumber(seen.unmatched_lines) })}</Pill>}
              {seen.suggested_lines > 0 && <Pill tone="info">{t('bank.suggested', { count: seen.suggested_lines, lines: formatNumber(seen.suggested_lines) })}</Pill>}
              {seen.difference && !isZero(seen.difference) && <Pill tone="bad">{t('bank.unexplained', { amount: money(seen.difference) })}</Pill>}
              {seen.unmatched_lines === 0 && seen.statement_on && <Pill tone="good">{t('bank.allMatched')}</Pill>}
            </span>
            <Progress seen={seen} />
          </>
        )}
      </Loaded>
    </Link>
  );
}
