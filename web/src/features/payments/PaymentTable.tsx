import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PaymentView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatDay, formatMoney } from '@/lib/format';
import { ExportButton } from '@/ui/ExportButton';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { isZero } from '@/lib/decimal';
import { exportPayments, type PaymentSearch, usePayments } from './queries';

/** Payments, the last recorded first. */
export function PaymentTable({ search, action, bare }: { search: PaymentSearch; action?: ReactNode; bare?: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const scope = useScope();
  return (
    <DataTable
      name="payments"
      label={t('payments.title')}
      columns={useColumns(bare ?? false)}
      pages={usePayments(search)}
      rowId={(payment) => payment.id}
      onOpen={(payment) => void navigate({ to: '/payments/$paymentId', params: { paymentId: payment.id } })}
      {...(bare ? { bare, grow: true } : { foot: <ExportButton name={t('payments.title')} open={(signal) => exportPayments(search, scope, signal)} /> })}
      empty={<Empty title={t('payments.empty')} action={action}>{t('payments.emptyAbout')}</Empty>}
    />
  );
}

/** Whether a payment settles all it can, leaves a credit, or was taken back. */
export function PaymentPill({ payment }: { payment: Pick<PaymentView, 'status' | 'unallocated' | 'direction'> }) {
  const { t } = useTranslation();
  if (payment.status === 'failed') return <Pill tone="bad">{t('payments.state.failed')}</Pill>;
  if (payment.direction === 'refund') return <Pill tone="violet">{t('payments.direction.refund')}</Pill>;
  if (!isZero(payment.unallocated)) return <Pill tone="warn">{t('payments.state.credit')}</Pill>;
  return <Pill tone="good">{t('payments.state.settled')}</Pill>;
}

function useColumns(ofOne: boolean): Column<PaymentView>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const columns: (Column<PaymentView> | false)[] = [
      { id: 'on', header: t('payments.on'), width: '7rem', cell: (row) => <Link to="/payments/$paymentId" params={{ paymentId: row.id }} tabIndex={-1} className="num">{formatDay(row.received_on)}</Link> },
      !ofOne && { id: 'party', header: t('payments.party'), width: 'minmax(8rem, 1.5fr)', cell: (row) => row.party_name },
      { id: 'state', header: t('common.status'), width: '9.5rem', wide: true, cell: (row) => <PaymentPill payment={row} /> },
      { id: 'method', header: t('payments.methodLabel'), width: '8.5rem', wide: true, cell: (row) => t(`payments.method.${row.method}`) },
      { id: 'reference', header: t('payments.reference'), width: 'minmax(7rem, 1.3fr)', wide: true, cell: (row) => row.reference },
      { id: 'source', header: t('common.source'), width: '8rem', wide: true, hidden: true, cell: (row) => t(`payments.source.${row.source}`) },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, ...(ofOne && { hidden: true }), cell: (row) => row.entity },
      { id: 'left', header: t('payments.unallocated'), width: '8rem', align: 'end', wide: true, cell: (row) => (isZero(row.unallocated) || row.direction === 'refund' ? <span className="muted">–</span> : formatMoney(row.unallocated, row.currency)) },
      { id: 'amount', header: t('payments.amount'), width: '8rem', align: 'end', cell: (row) => formatMoney(row.direction === 'in' ? row.amount : `-${row.amount}`, row.currency) },
    ];
    return columns.filter((column) => column !== false);
  }, [t, ofOne]);
}
