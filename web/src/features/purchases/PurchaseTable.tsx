import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncomingInvoiceView } from '@/api/schema';
import { isZero } from '@/lib/decimal';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { type PurchaseSearch, usePurchases } from './queries';
import { isCredit, PurchasePill } from './status';

/** What came in, the last first. */
export function PurchaseTable({ search, action }: { search: PurchaseSearch; action: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <DataTable
      name="purchases"
      label={t('purchases.title')}
      columns={useColumns()}
      pages={usePurchases(search)}
      rowId={(invoice) => invoice.id}
      onOpen={(invoice) => void navigate({ to: '/purchases/$invoiceId', params: { invoiceId: invoice.id } })}
      empty={<Empty title={t(filtered ? 'invoices.noneFound' : 'purchases.empty')} action={filtered ? undefined : action}>{t(filtered ? 'invoices.noneFoundAbout' : 'purchases.emptyAbout')}</Empty>}
    />
  );
}

function useColumns(): Column<IncomingInvoiceView>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const none = <span className="muted">–</span>;
    return [
      { id: 'number', header: t('invoices.number'), width: 'minmax(7rem, 1fr)', cell: (row) => <Link to="/purchases/$invoiceId" params={{ invoiceId: row.id }} tabIndex={-1} className="num">{row.number}</Link> },
      { id: 'supplier', header: t('purchases.supplier'), width: 'minmax(7rem, 1.6fr)', wide: true, cell: (row) => row.party_name ?? row.seller_name },
      { id: 'state', header: t('common.status'), width: 'max(6rem, min(7.25rem, 16vw))', cell: (row) => <PurchasePill invoice={row} /> },
      { id: 'findings', header: t('purchases.findings'), width: '5.5rem', wide: true, cell: (row) => (row.finding_count > 0 ? <Pill tone="warn">{t('purchases.findingCount', { count: row.finding_count })}</Pill> : none) },
      { id: 'kind', header: t('invoices.kindLabel'), width: '8rem', wide: true, hidden: true, cell: (row) => t(`purchases.kind.${row.kind as 'invoice'}`) },
      { id: 'format', header: t('purchases.formatLabel'), width: '6rem', wide: true, hidden: true, cell: (row) => t(`purchases.format.${row.format as 'cii'}`) },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, hidden: true, cell: (row) => row.entity },
      { id: 'issue', header: t('purchases.issueOn'), width: '6rem', wide: true, cell: (row) => <span className="num">{formatDay(row.issue_on)}</span> },
      { id: 'due', header: t('invoices.dueOn'), width: '6rem', wide: true, cell: (row) => <span className="num">{row.due_on ? formatDay(row.due_on) : ''}</span> },
      { id: 'received', header: t('purchases.receivedAt'), width: '8rem', wide: true, hidden: true, cell: (row) => <span className="num">{formatInstant(row.received_at)}</span> },
      { id: 'net', header: t('invoices.net'), width: '7rem', align: 'end', wide: true, hidden: true, cell: (row) => formatMoney(row.net, row.currency) },
      { id: 'gross', header: t('invoices.gross'), width: 'max(5.75rem, min(7rem, 16vw))', align: 'end', cell: (row) => (isCredit(row) ? <span className="muted">{formatMoney(`-${row.gross}`, row.currency)}</span> : formatMoney(row.gross, row.currency)) },
      { id: 'open', header: t('purchases.open'), width: '7rem', align: 'end', wide: true, cell: (row) => (row.open && !isZero(row.open) ? formatMoney(row.open, row.currency) : none) },
    ];
  }, [t]);
}
