import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useProducts } from '@/app/catalogue';
import { useBuyerChoices } from '@/features/buyers/queries';
import { formatNumber } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Figure, Figures, Page, Toolbar } from '@/ui/layout';
import { SavedViews } from '@/ui/SavedViews';
import { WeekPicker } from '@/ui/WeekPicker';
import { BatchActions } from './BatchActions';
import { Board } from './Board';
import { DeliveryTable } from './DeliveryTable';
import { useDeliveryStats } from './queries';
import type { DeliverySearch } from './search';
import { DELIVERY_OUTCOMES, DELIVERY_STATUSES } from './status';

const route = getRouteApi('/_app/deliveries/');

/** Every delivery, as a table or as a board by status. */
export function DeliveriesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<DeliverySearch>();
  const navigate = useNavigate();
  const stats = useDeliveryStats(search.week);
  const current = useDeliveryStats(undefined).data?.week;
  const products = useProducts();
  const buyers = useBuyerChoices();
  const board = search.view === 'board';
  const filtered = Object.entries(search).some(([key, value]) => key !== 'view' && value !== undefined);
  return (
    <Page
      fill
      title={t('deliveries.title')}
      actions={
        <>
          <BatchActions />
          <WeekPicker clearable week={search.week} current={current} onChange={(week) => patch({ week })} />
        </>
      }
    >
      <Figures>
        {DELIVERY_STATUSES.map((status) => (
          <Figure
            key={status}
            label={t(`deliveries.status.${status}`)}
            value={stats.data ? formatNumber(stats.data[status]) : '–'}
            to={{ to: '/deliveries', search: { ...search, status, outcome: undefined, week: search.week ?? current } }}
          />
        ))}
        <Figure label={t('deliveries.billable')} value={stats.data ? formatNumber(stats.data.billable) : '–'} to={{ to: '/deliveries', search: { ...search, outcome: 'accepted', status: undefined } }} />
        <Figure label={t('deliveries.outcome.rejected')} value={stats.data ? formatNumber(stats.data.rejected) : '–'} to={{ to: '/deliveries', search: { ...search, outcome: 'rejected', status: undefined } }} />
      </Figures>
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl
          aria-label={t('deliveries.view')}
          data={[{ value: 'table', label: t('deliveries.table') }, { value: 'board', label: t('deliveries.board') }]}
          value={board ? 'board' : 'table'}
          onChange={(view) => patch({ view: view === 'board' ? 'board' : undefined })}
        />
        {!board && <FilterSelect label={t('common.status')} value={search.status} options={DELIVERY_STATUSES.map((value) => ({ value, label: t(`deliveries.status.${value}`) }))} onChange={(status) => patch({ status: status as DeliverySearch['status'] })} />}
        <FilterSelect label={t('deliveries.outcomeLabel')} value={search.outcome} options={DELIVERY_OUTCOMES.map((value) => ({ value, label: t(`deliveries.outcome.${value}`) }))} onChange={(outcome) => patch({ outcome: outcome as DeliverySearch['outcome'] })} />
        <FilterSelect label={t('common.product')} value={search.product} options={products} onChange={(product) => patch({ product })} />
        <FilterSelect label={t('common.buyer')} value={search.buyer} options={buyers} onChange={(buyer) => patch({ buyer })} width={200} />
        <SavedViews page="deliveries" />
        {filtered && <Button variant="subtle" color="gray" onClick={() => void navigate({ to: '/deliveries', search: board ? { view: 'board' } : {} })}>{t('common.clear')}</Button>}
      </Toolbar>
      {board ? <Board search={search} /> : <DeliveryTable search={search} filtered={filtered} />}
    </Page>
  );
}
