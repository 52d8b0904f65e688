import { api, client } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';
import type { DeliverySearch } from './search';

/** The filters without the way they are looked at. */
function filtersOf(search: DeliverySearch): Omit<DeliverySearch, 'view'> {
  const filters = { ...search };
  delete filters.view;
  return filters;
}

export function useDeliveries(search: DeliverySearch, limit?: number) {
  const query = { ...filtersOf(search), entity: useScope(), ...(limit && { limit }) };
  return api.useInfiniteQuery('get', '/api/deliveries', { params: { query } }, BY_CURSOR);
}

export function useDeliveryStats(week: string | undefined) {
  return api.useQuery('get', '/api/deliveries/stats', { params: { query: { entity: useScope(), ...(week && { week }) } } });
}

export function useDelivery(id: string) {
  return api.useQuery('get', '/api/deliveries/{id}', { params: { path: { id } } });
}

export function exportDeliveries(search: DeliverySearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/deliveries/export', { params: { query: { ...filtersOf(search), entity } }, parseAs: 'stream', signal });
}
