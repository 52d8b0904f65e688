import { api, client } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export interface OrderSearch {
  product?: string;
  buyer?: string;
  active?: string;
  week?: string;
  view?: string;
}

function filtersOf({ product, buyer, active, week }: OrderSearch) {
  return { ...(product && { product }), ...(buyer && { buyer }), ...(week && { week }), ...(active && { active: active === 'true' }) };
}

export function useOrders(search: OrderSearch, limit = 50) {
  return api.useInfiniteQuery('get', '/api/commandes', { params: { query: { entity: useScope(), limit, ...filtersOf(search) } } }, BY_CURSOR);
}

export function exportOrders(search: OrderSearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/commandes/export', { params: { query: { entity, ...filtersOf(search) } }, parseAs: 'stream', signal });
}

export function useOrder(id: string) {
  return api.useQuery('get', '/api/commandes/{id}', { params: { path: { id } } });
}
