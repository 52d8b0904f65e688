import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ReminderStatus, ReminderStep, ReminderView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useMay } from '@/app/session';
import { CustomerFilter } from '@/features/parties/CustomerFilter';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { Period } from '../Period';
import type { DocumentSearch } from '../search';
import { ReminderActions } from './ReminderActions';
import { ReminderPill } from './status';

const STATES = ['planned', 'sent', 'bounced', 'cancelled'] as const satisfies readonly ReminderStatus[];
const STEPS = ['first', 'second', 'final', 'legal'] as const satisfies readonly ReminderStep[];

/** Reminders, the last planned first: each opens its invoice. */
export function Reminders({ search }: { search: DocumentSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<DocumentSearch>();
  const navigate = useNavigate();
  const may = useMay();
  const { customer, from, to } = search;
  const status = STATES.find((one) => one === search.status);
  const step = STEPS.find((one) => one === search.step);
  const query = { entity: useScope(), limit: 50, ...(status && { status }), ...(step && { step }), ...(customer !== undefined && { party: customer }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const reminders = api.useInfiniteQuery('get', '/api/reminders', { params: { query } }, BY_CURSOR);
  const filtered = status ?? step ?? customer ?? from ?? to;
  const settings = may('settings.access') && <Button variant="default" renderRoot={(props) => <Link to="/settings" search={{ tab: 'billing' }} {...props} />}>{t('reminders.settings')}</Button>;
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <CustomerFilter value={customer} onChange={(chosen) => patch({ customer: chosen })} />
        <FilterSelect label={t('common.status')} value={status} options={STATES.map((value) => ({ value, label: t(`reminders.state.${value}`) }))} onChange={(chosen) => patch({ status: chosen })} />
        <FilterSelect label={t('reminders.stepLabel')} value={step} width={170} options={STEPS.map((value) => ({ value, label: t(`reminders.step.${value}`) }))} onChange={(chosen) => patch({ step: chosen })} />
        <Period label={t('reminders.period')} from={from} to={to} onChange={patch} />
      </Toolbar>
      <DataTable
        name="reminders"
        label={t('reminders.title')}
        columns={useColumns()}
        pages={reminders}
        rowId={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/invoices/$documentId', params: { documentId: row.document_id }, search: { tab: 'mails' } })}
        empty={filtered === undefined ? <Empty title={t('reminders.empty')} action={settings}>{t('reminders.emptyAbout')}</Empty> : <Empty title={t('invoices.noneFound')}>{t('invoices.noneFoundAbout')}</Empty>}
      />
    </>
  );
}

function useColumns(): Column<ReminderView>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: 'number', header: t('invoices.kind.invoice'), width: '8rem', cell: (row) => <Link to="/invoices/$documentId" params={{ documentId: row.document_id }} search={{ tab: 'mails' }} tabIndex={-1} className="num">{row.document_number}</Link> },
      { id: 'customer', header: t('invoices.customer'), width: 'minmax(8rem, 1.5fr)', wide: true, cell: (row) => row.party_name },
      { id: 'step', header: t('reminders.stepLabel'), width: 'minmax(4.5rem, 1fr)', cell: (row) => t(`reminders.step.${row.step}`) },
      { id: 'status', header: t('common.status'), width: 'minmax(5.5rem, 0.9fr)', cell: (row) => <ReminderPill reminder={row} /> },
      { id: 'planned', header: t('reminders.plannedOn'), width: '6rem', wide: true, cell: (row) => <span className="num">{formatDay(row.planned_on)}</span> },
      { id: 'sent', header: t('reminders.sentAt'), width: '6rem', wide: true, hidden: true, cell: (row) => <span className="num">{row.sent_at ? formatInstant(row.sent_at, 'date') : ''}</span> },
      { id: 'error', header: t('common.reason'), width: 'minmax(8rem, 1.2fr)', wide: true, hidden: true, cell: (row) => row.last_error ?? row.cancel_reason },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, hidden: true, cell: (row) => row.entity },
      { id: 'late', header: t('reminders.late'), width: '4.75rem', align: 'end', wide: true, cell: (row) => (row.days_late ? t('parties.days', { count: row.days_late }) : '') },
      { id: 'balance', header: t('invoices.balance'), width: '6.75rem', align: 'end', wide: true, cell: (row) => formatMoney(row.balance, row.currency) },
      { id: 'actions', header: t('common.actions'), width: '9rem', wide: true, cell: (row) => <ReminderActions reminder={row} /> },
    ],
    [t],
  );
}
