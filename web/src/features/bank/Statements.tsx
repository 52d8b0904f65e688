import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { BankAccountDetail, BankStatementView, StatementFormat } from '@/api/schema';
import { formatDay, formatInstant, formatMoney, formatNumber } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { useStatements } from './queries';

/** The files that were imported, and what each brought. */
export function Statements({ account }: { account: BankAccountDetail }) {
  const { t } = useTranslation();
  const statements = useStatements(account.id);
  const columns = useMemo<Column<BankStatementView>[]>(() => {
    const money = (amount: string | null | undefined) => amount && formatMoney(amount, account.currency);
    return [
      { id: 'file', header: t('bank.file'), width: 'minmax(9rem, 1.6fr)', cell: (one) => <strong>{one.file_name || one.number || one.sha256.slice(0, 12)}</strong> },
      { id: 'format', header: t('bank.format'), width: '6rem', wide: true, cell: (one) => t(`bank.formats.${one.format as StatementFormat}`) },
      { id: 'number', header: t('books.number'), width: '6rem', wide: true, hidden: true, cell: (one) => one.number },
      { id: 'days', header: t('books.locks.days'), width: '11rem', cell: (one) => one.from_on && one.to_on && <span className="num">{formatDay(one.from_on)} – {formatDay(one.to_on)}</span> },
      { id: 'lines', header: t('books.entry.lines'), width: '4rem', align: 'end', cell: (one) => formatNumber(one.lines) },
      { id: 'known', header: t('bank.known'), width: '5rem', align: 'end', wide: true, cell: (one) => formatNumber(one.known) },
      { id: 'opening', header: t('bank.openingBalance'), width: '7.5rem', align: 'end', wide: true, cell: (one) => money(one.opening) },
      { id: 'closing', header: t('bank.closingBalance'), width: '7.5rem', align: 'end', wide: true, cell: (one) => money(one.closing) },
      { id: 'warnings', header: t('bank.warningsLabel'), width: '6rem', wide: true, hidden: true, cell: (one) => one.warnings.length > 0 && <Pill tone="warn">{formatNumber(one.warnings.length)}</Pill> },
      { id: 'at', header: t('bank.importedAt'), width: '13rem', wide: true, cell: (one) => `${formatInstant(one.imported_at)} · ${one.imported_by}` },
    ];
  }, [t, account.currency]);
  return <DataTable grow name="statements" label={t('bank.tabs.statements')} columns={columns} pages={statements} rowId={(one) => one.id} empty={<Empty title={t('bank.noStatement')}>{t('bank.noStatementAbout')}</Empty>} />;
}
