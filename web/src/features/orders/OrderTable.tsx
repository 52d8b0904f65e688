import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { OrderView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatNumber } from '@/lib/format';
import { ExportButton } from '@/ui/ExportButton';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { departementsText, sharePercent } from './order-text';
import { QuotaBar } from './QuotaBar';
import { exportOrders, type OrderSearch, useOrders } from './queries';
import { ToggleOrder } from './ToggleOrder';

export function OrderTable({ search, bare = false }: { search: OrderSearch; bare?: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const orders = useOrders(search);
  const scope = useScope();
  const columns = useMemo<Column<OrderView>[]>(
    () => [
      { id: 'buyer', header: t('common.buyer'), width: 'minmax(5.5rem, 1.3fr)', cell: (order) => <Link to="/orders/$orderId" params={{ orderId: order.id }} tabIndex={-1}>{order.buyer_name}</Link> },
      { id: 'product', header: t('common.product'), width: '3.5rem', cell: (order) => order.product },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, hidden: bare, cell: (order) => order.entity },
      { id: 'priority', header: t('orders.priority'), width: '4.5rem', align: 'end', wide: true, cell: (order) => order.priorite },
      { id: 'departements', header: t('nav.departements'), width: 'minmax(6rem, 1fr)', wide: true, cell: (order) => <span title={order.departements.join(', ')}>{departementsText(t, order)}</span> },
      { id: 'quota', header: t('orders.quota'), width: 'minmax(7.5rem, 1fr)', cell: (order) => <QuotaBar used={order.used} quota={order.quota_semaine} /> },
      { id: 'delivered', header: t('orders.delivered'), width: '5rem', align: 'end', wide: true, hidden: bare, cell: (order) => formatNumber(order.delivered) },
      { id: 'lb', header: t('orders.lbTarget'), width: '5rem', align: 'end', wide: true, hidden: bare, cell: (order) => sharePercent(order.lb_target_pct) },
      { id: 'state', header: t('common.status'), width: '7rem', wide: true, cell: (order) => (order.archived_at ? <Pill>{t('common.archived')}</Pill> : <ToggleOrder order={order} />) },
    ],
    [t, bare],
  );
  return (
    <DataTable
      name={bare ? 'buyer-orders' : 'orders'}
      label={t('nav.orders')}
      columns={columns}
      pages={orders}
      rowId={(order) => order.id}
      onOpen={(order) => void navigate({ to: '/orders/$orderId', params: { orderId: order.id } })}
      foot={!bare && <ExportButton name="commandes" open={(signal) => exportOrders(search, scope, signal)} />}
      empty={<Empty title={t('orders.empty')}>{t('orders.emptyAbout')}</Empty>}
      grow={bare}
      bare={bare}
    />
  );
}
