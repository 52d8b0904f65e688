import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerAccountView } from '@/api/schema';
import { useMay } from '@/app/session';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { AccountForm } from './AccountForm';
import type { LedgerSearch } from './LedgerPage';
import { type AccountClassName, CLASSES, nameOf, useAccounts } from './queries';

/** The chart of accounts. */
export function Accounts({ entity, search }: { entity: string; search: LedgerSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<LedgerSearch>();
  const navigate = useNavigate();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const accounts = useAccounts(entity, search);
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('books.accounts.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('books.classLabel')} value={search.class} options={CLASSES.map((value) => ({ value, label: t(`books.class.${value}`) }))} onChange={(chosen) => patch({ class: chosen })} />
        <FilterSelect label={t('common.status')} value={search.active} options={[{ value: 'true', label: t('books.accounts.active') }, { value: 'false', label: t('books.accounts.inactive') }]} onChange={(active) => patch({ active })} />
        {may('ledger.manage') && <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)}>{t('books.accounts.new')}</Button>}
      </Toolbar>
      <DataTable
        name="accounts"
        label={t('books.tabs.accounts')}
        columns={useColumns()}
        pages={accounts}
        rowId={(account) => account.id}
        onOpen={(account) => void navigate({ to: '/ledger/accounts/$accountId', params: { accountId: account.id } })}
        empty={<Empty title={t('books.accounts.empty')}>{t('books.accounts.emptyAbout')}</Empty>}
      />
      {creating && <AccountForm entity={entity} onClose={() => setCreating(false)} />}
    </>
  );
}

function useColumns(): Column<LedgerAccountView>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: 'code', header: t('books.number'), width: '7rem', cell: (account) => <Link className="num" to="/ledger/accounts/$accountId" params={{ accountId: account.id }} tabIndex={-1}>{account.code}</Link> },
      { id: 'name', header: t('common.name'), width: 'minmax(10rem, 2fr)', cell: nameOf },
      { id: 'class', header: t('books.classLabel'), width: '9rem', wide: true, cell: (account) => t(`books.class.${account.class as AccountClassName}`) },
      { id: 'normal', header: t('books.accounts.normal'), width: '8rem', wide: true, cell: (account) => t(`books.${account.normal_balance as 'debit'}`) },
      { id: 'auxiliary', header: t('books.accounts.auxiliary'), width: '7rem', wide: true, cell: (account) => account.is_auxiliary && <Pill tone="info">{t('books.accounts.byParty')}</Pill> },
      { id: 'active', header: t('common.status'), width: '7rem', wide: true, cell: (account) => !account.active && <Pill>{t('books.accounts.off')}</Pill> },
    ],
    [t],
  );
}
