import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProducts } from '@/app/catalogue';
import { useEntity, useMay } from '@/app/session';
import { useBuyerChoices } from '@/features/buyers/queries';
import { useDeliveryStats } from '@/features/deliveries/queries';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Page, Toolbar } from '@/ui/layout';
import { WeekPicker } from '@/ui/WeekPicker';
import { OrderForm } from './OrderForm';
import { OrderTable } from './OrderTable';
import type { OrderSearch } from './queries';

const Priorities = lazy(async () => ({ default: (await import('./Priorities')).Priorities }));
const MixMonitor = lazy(async () => ({ default: (await import('./MixMonitor')).MixMonitor }));

const route = getRouteApi('/_app/orders/');

/** What buyers want every week: as a table, by priority to drag, and the mix of aged leads. */
export function OrdersPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<OrderSearch>();
  const may = useMay();
  const entity = useEntity();
  const [creating, setCreating] = useState(false);
  const current = useDeliveryStats(undefined).data?.week;
  const products = useProducts();
  const buyers = useBuyerChoices();
  const views = ['table', 'priority', ...(may('monitoring.lb.view') ? ['mix'] : [])] as const;
  const view = views.find((one) => one === search.view) ?? 'table';
  return (
    <Page
      fill={view === 'table'}
      title={t('orders.title')}
      actions={
        <>
          <WeekPicker week={search.week} current={current} onChange={(week) => patch({ week })} />
          {may('commandes.create') && <Button leftSection={<IconPlus size={14} />} disabled={!entity} title={entity ? undefined : t('common.oneEntity')} onClick={() => setCreating(true)}>{t('orders.new')}</Button>}
        </>
      }
    >
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl aria-label={t('deliveries.view')} value={view} onChange={(chosen) => patch({ view: chosen === 'table' ? undefined : chosen })} data={views.map((value) => ({ value, label: t(`orders.view.${value as 'table' | 'priority' | 'mix'}`) }))} />
        <FilterSelect label={t('common.product')} value={search.product} options={products} onChange={(product) => patch({ product })} />
        {view === 'table' && <FilterSelect label={t('common.buyer')} value={search.buyer} options={buyers} onChange={(buyer) => patch({ buyer })} width={200} />}
        {view === 'table' && <FilterSelect label={t('common.status')} value={search.active} options={[{ value: 'true', label: t('common.active') }, { value: 'false', label: t('orders.pausedState') }]} onChange={(active) => patch({ active })} />}
      </Toolbar>
      <Suspense fallback={<Skeleton h={420} radius="md" />}>
        {view === 'table' && <OrderTable search={search} />}
        {view === 'priority' && <Priorities search={search} />}
        {view === 'mix' && <MixMonitor week={search.week} />}
      </Suspense>
      {creating && <OrderForm onClose={() => setCreating(false)} />}
    </Page>
  );
}
