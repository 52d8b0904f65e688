import { api } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';
import type { DeliverySearch } from './search';

export function useDeliveries({ view: _, ...filters }: DeliverySearch, limit?: number) {
  const query = { ...filters, entity: useScope(), ...(limit && { limit }) };
  return api.useInfiniteQuery('get', '/api/deliveries', { params: { query } }, BY_CURSOR);
}

export function useDeliveryStats(week: string | undefined) {
  return api.useQuery('get', '/api/deliveries/stats', { params: { query: { entity: useScope(), ...(week && { week }) } } });
}

export function useDelivery(id: string) {
  return api.useQuery('get', '/api/deliveries/{id}', { params: { path: { id } } });
}
