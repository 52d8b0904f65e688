import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentView } from '@/api/schema';
import { formatDay, formatMoney, formatWeekShort } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { type IntercompanySearch, useIntercompanyInvoices } from './queries';

/** The invoices and credit notes that entities issued to each other. */
export function InvoicesBetween({ search }: { search: IntercompanySearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns = useMemo<Column<DocumentView>[]>(
    () => [
      { id: 'number', header: t('intercompany.number'), width: 'minmax(9rem, 1fr)', cell: (row) => <Link to="/invoices/$documentId" params={{ documentId: row.id }} tabIndex={-1}>{row.number}</Link> },
      { id: 'direction', header: t('intercompany.direction'), width: 'minmax(7rem, 1.2fr)', cell: (row) => (row.direction === 'sale' ? `${row.entity} → ${row.party_name}` : `${row.party_name} → ${row.entity}`) },
      { id: 'kind', header: t('intercompany.kind'), width: '7rem', wide: true, cell: (row) => (row.kind === 'credit_note' ? <Pill tone="violet">{t('billing.creditNote')}</Pill> : t('billing.invoice')) },
      { id: 'week', header: t('billing.weekOf'), width: '5.5rem', wide: true, cell: (row) => row.week && formatWeekShort(row.week) },
      { id: 'issued', header: t('billing.issuedOn'), width: '6.5rem', wide: true, cell: (row) => row.issue_on && formatDay(row.issue_on) },
      { id: 'net', header: t('billing.net'), width: '7rem', align: 'end', cell: (row) => formatMoney(row.net, row.currency) },
      { id: 'open', header: t('intercompany.open'), width: '7rem', align: 'end', wide: true, cell: (row) => formatMoney(row.balance, row.currency) },
    ],
    [t],
  );
  return <DataTable name="intercompany-invoices" label={t('intercompany.tabs.invoices')} columns={columns} pages={useIntercompanyInvoices(search)} rowId={(row) => row.id} onOpen={(row) => void navigate({ to: '/invoices/$documentId', params: { documentId: row.id } })} grow empty={<Empty title={t('intercompany.noInvoices')}>{t('intercompany.noInvoicesAbout')}</Empty>} />;
}
