import { IconHandStop } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryRow } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useEntityCode } from '@/app/catalogue';
import { useMay } from '@/app/session';
import { errorText, returnText } from '@/features/leads/reason';
import { formatInstant, formatPhone } from '@/lib/format';
import { ExportButton } from '@/ui/ExportButton';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { BulkDeliveries } from './BulkDeliveries';
import { exportDeliveries, useDeliveries } from './queries';
import type { DeliverySearch } from './search';
import { DeliveryStatusPill, OutcomePill } from './status';

export function DeliveryTable({ search, filtered }: { search: DeliverySearch; filtered: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const deliveries = useDeliveries(search);
  const entity = useEntityCode();
  const scoped = useScope();
  const may = useMay();
  const columns = useMemo<Column<DeliveryRow>[]>(
    () => [
      {
        id: 'buyer',
        header: t('common.buyer'),
        width: 'minmax(9rem, 1.3fr)',
        cell: (row) => (
          <>
            <Link to="/deliveries/$deliveryId" params={{ deliveryId: row.id }} tabIndex={-1}>{row.buyer_name}</Link>
            {row.buyer_auto_send === false && <IconHandStop size={14} className="muted" style={{ verticalAlign: '-2px', marginInlineStart: '0.375rem' }} role="img" aria-label={t('deliveries.byHand')}><title>{t('deliveries.byHand')}</title></IconHandStop>}
          </>
        ),
      },
      { id: 'buyerPhone', header: t('deliveries.buyerPhone'), width: '8.5rem', wide: true, hidden: true, cell: (row) => row.buyer_phone && <span className="num">{formatPhone(row.buyer_phone)}</span> },
      { id: 'phone', header: t('common.lead'), width: '8.5rem', wide: true, cell: (row) => <span className="num">{formatPhone(row.phone)}</span> },
      { id: 'status', header: t('common.status'), width: '8rem', cell: (row) => <DeliveryStatusPill status={row.status} /> },
      { id: 'outcome', header: t('deliveries.outcomeLabel'), width: '6.5rem', wide: true, cell: (row) => row.outcome && row.outcome !== 'accepted' && <OutcomePill outcome={row.outcome} /> },
      { id: 'product', header: t('common.product'), width: '4.5rem', wide: true, cell: (row) => row.product },
      { id: 'departement', header: t('leads.dept'), width: '3.5rem', wide: true, cell: (row) => row.departement },
      { id: 'lb', header: t('leads.lbShort'), width: '3rem', wide: true, hidden: true, cell: (row) => row.is_lb && <Pill>{t('leads.lbShort')}</Pill> },
      { id: 'entity', header: t('common.entity'), width: '3.5rem', wide: true, cell: (row) => entity(row.entity_id) },
      { id: 'to', header: t('deliveries.recipients'), width: 'minmax(8rem, 1.2fr)', wide: true, hidden: true, cell: (row) => row.sent_to.join(', ') },
      { id: 'attempts', header: t('deliveries.attempts'), width: '4.5rem', align: 'end', wide: true, cell: (row) => row.send_attempts },
      { id: 'error', header: t('deliveries.error'), width: 'minmax(6rem, 1fr)', wide: true, cell: (row) => errorText(t, row.last_error) ?? returnText(t, row) },
      { id: 'created', header: t('deliveries.routed'), width: '8rem', wide: true, cell: (row) => <span className="num">{formatInstant(row.created_at)}</span> },
      { id: 'sent', header: t('leads.sentAt'), width: '8rem', wide: true, hidden: true, cell: (row) => row.last_sent_at && <span className="num">{formatInstant(row.last_sent_at)}</span> },
    ],
    [t, entity],
  );
  return (
    <DataTable
      name="deliveries"
      label={t('deliveries.title')}
      columns={columns}
      pages={deliveries}
      rowId={(row) => row.id}
      onOpen={(row) => void navigate({ to: '/deliveries/$deliveryId', params: { deliveryId: row.id } })}
      foot={<ExportButton name="deliveries" open={(signal) => exportDeliveries(search, scoped, signal)} />}
      bulk={may('deliveries.resend') ? (rows, clear) => <BulkDeliveries rows={rows} clear={clear} /> : undefined}
      empty={<Empty title={t('deliveries.empty')}>{t(filtered ? 'deliveries.emptyAbout' : 'deliveries.noneAbout')}</Empty>}
    />
  );
}
