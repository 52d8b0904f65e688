import { Button, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { TransferView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatMoney, formatWeekShort } from '@/lib/format';
import { ExportButton } from '@/ui/ExportButton';
import { FormDrawer } from '@/ui/FormDrawer';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { exportTransfers, type IntercompanySearch, useTransfers } from './queries';
import { TransferPill } from './status';

/** The units that one entity owes another, each with its lead and its invoice. */
export function Transfers({ search }: { search: IntercompanySearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [cancelled, setCancelled] = useState<TransferView>();
  const columns = useMemo<Column<TransferView>[]>(
    () => [
      { id: 'direction', header: t('intercompany.direction'), width: '8rem', cell: (row) => <Link to="/deliveries/$deliveryId" params={{ deliveryId: row.delivery_id }} tabIndex={-1}>{row.from} → {row.to}</Link> },
      { id: 'week', header: t('billing.weekOf'), width: '5.5rem', cell: (row) => formatWeekShort(row.week) },
      { id: 'product', header: t('common.product'), width: '4.5rem', cell: (row) => row.product },
      { id: 'units', header: t('billing.unitsShort'), width: '4rem', align: 'end', wide: true, cell: (row) => row.units },
      { id: 'price', header: t('billing.unitPrice'), width: '6rem', align: 'end', cell: (row) => (row.unit_price_ht ? formatMoney(row.unit_price_ht) : '–') },
      { id: 'lead', header: t('common.lead'), width: '5rem', wide: true, cell: (row) => <Link to="/leads/$leadId" params={{ leadId: row.lead_id }}>{t('billing.openLead')}</Link> },
      { id: 'invoice', header: t('billing.invoice'), width: '6rem', wide: true, cell: (row) => (row.document_id ? <Link to="/invoices/$documentId" params={{ documentId: row.document_id }}>{t('billing.openInvoice')}</Link> : '–') },
      { id: 'status', header: t('common.status'), width: '7rem', cell: (row) => <TransferPill status={row.status} /> },
      { id: 'error', header: t('common.reason'), width: 'minmax(6rem, 1fr)', wide: true, cell: (row) => <span title={row.error_message ?? ''}>{row.error_code ? t(`problem.code.${row.error_code}`, { defaultValue: row.error_message ?? '' }) : ''}</span> },
      { id: 'act', header: t('common.actions'), width: '6rem', wide: true, cell: (row) => row.can.includes('cancel') && <Button variant="subtle" size="compact-xs" onClick={() => setCancelled(row)}>{t('common.cancel')}</Button> },
    ],
    [t],
  );
  return (
    <>
      <DataTable name="transfers" label={t('intercompany.tabs.transfers')} columns={columns} pages={useTransfers(search)} rowId={(row) => row.id} onOpen={(row) => void navigate({ to: '/deliveries/$deliveryId', params: { deliveryId: row.delivery_id } })} grow foot={<ExportButton name={t('intercompany.tabs.transfers')} open={(signal) => exportTransfers(search, signal)} />} empty={<Empty title={t('intercompany.none')}>{t('intercompany.noneAbout')}</Empty>} />
      {cancelled && <Cancel transfer={cancelled} onClose={() => setCancelled(undefined)} />}
    </>
  );
}

function Cancel({ transfer, onClose }: { transfer: TransferView; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const cancel = api.useMutation('post', '/api/intercompany/transfers/{id}/cancel', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer title={t('intercompany.cancelTitle', { from: transfer.from, to: transfer.to })} submitLabel={t('intercompany.cancelIt')} onClose={onClose} onSubmit={form.onSubmit((body) => cancel.mutate({ params: { path: { id: transfer.id } }, body }))} saving={cancel.isPending} error={cancel.error}>
      <p className="muted">{t('intercompany.cancelAbout')}</p>
      <Textarea label={t('common.reason')} required data-autofocus {...form.getInputProps('reason')} />
    </FormDrawer>
  );
}
