import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatDay, formatMoney } from '@/lib/format';
import { ExportButton } from '@/ui/ExportButton';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { exportDocuments, useDocuments } from './queries';
import { type DocumentSearch, tabOf } from './search';
import { DocumentPill, useDocumentName } from './status';

/** Documents, newest first. */
export function DocumentTable({ search, empty, bare, limit }: { search: DocumentSearch; empty?: ReactNode; bare?: boolean; limit?: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const scope = useScope();
  const tab = tabOf(search);
  const filtered = Object.keys(search).some((key) => key !== 'tab' && search[key as keyof DocumentSearch] !== undefined);
  return (
    <DataTable
      name={`documents-${tab}`}
      label={t(`invoices.tab.${tab}`)}
      columns={useColumns(tab === 'offers', bare ?? false)}
      pages={useDocuments(search, limit)}
      rowId={(document) => document.id}
      onOpen={(document) => void navigate({ to: '/invoices/$documentId', params: { documentId: document.id } })}
      {...(bare ? { bare, grow: true } : { foot: <ExportButton name={t(`invoices.tab.${tab}`)} open={(signal) => exportDocuments(search, scope, signal)} /> })}
      empty={<Empty title={t(filtered ? 'invoices.noneFound' : 'invoices.empty')} action={filtered ? undefined : empty}>{t(filtered ? 'invoices.noneFoundAbout' : 'invoices.emptyAbout')}</Empty>}
    />
  );
}

function useColumns(offers: boolean, ofOne: boolean): Column<DocumentView>[] {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  return useMemo(() => {
    const day = (on: string | null | undefined) => (on ? formatDay(on) : '');
    const columns: (Column<DocumentView> | false)[] = [
      { id: 'number', header: t('invoices.number'), width: 'minmax(7.5rem, 1fr)', cell: (row) => <Link to="/invoices/$documentId" params={{ documentId: row.id }} tabIndex={-1} className="num">{nameOf(row)}</Link> },
      { id: 'state', header: t('common.status'), width: 'minmax(5rem, 8.25rem)', cell: (row) => <DocumentPill document={row} /> },
      !ofOne && { id: 'customer', header: t('invoices.customer'), width: 'minmax(8rem, 1.5fr)', wide: true, cell: (row) => row.party_name },
      { id: 'kind', header: t('invoices.kindLabel'), width: '7.5rem', wide: true, ...(ofOne && { hidden: true }), cell: (row) => t(`invoices.kind.${row.kind}`) },
      { id: 'subject', header: t('invoices.subject'), width: 'minmax(8rem, 1.4fr)', wide: true, hidden: true, cell: (row) => row.subject },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, hidden: true, cell: (row) => row.entity },
      { id: 'issue', header: t('invoices.issueOn'), width: '6rem', wide: true, cell: (row) => <span className="num">{day(row.issue_on)}</span> },
      offers
        ? { id: 'until', header: t('invoices.validUntil'), width: '6rem', wide: true, cell: (row) => <span className="num">{day(row.valid_until)}</span> }
        : { id: 'due', header: t('invoices.dueOn'), width: '6rem', wide: true, cell: (row) => <span className="num">{day(row.due_on)}</span> },
      { id: 'net', header: t('invoices.net'), width: '7.5rem', align: 'end', wide: true, hidden: true, cell: (row) => formatMoney(row.net, row.currency) },
      { id: 'gross', header: t('invoices.gross'), width: 'minmax(6rem, 6.75rem)', align: 'end', cell: (row) => (row.kind === 'credit_note' ? <span className="muted">{formatMoney(`-${row.gross}`, row.currency)}</span> : formatMoney(row.gross, row.currency)) },
      !offers && { id: 'balance', header: t('invoices.balance'), width: '6.75rem', align: 'end', wide: true, cell: (row) => (row.payment_state && !/^0(\.0+)?$/.test(row.balance) ? formatMoney(row.balance, row.currency) : <span className="muted">–</span>) },
    ];
    return columns.filter((column) => column !== false);
  }, [t, nameOf, offers, ofOne]);
}
