import { api, client } from '@/api/client';
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

export async function exportDeliveries({ view: _, ...filters }: DeliverySearch, entity: string, signal: AbortSignal): Promise<Response> {
  const { response } = await client.GET('/api/deliveries/export', { params: { query: { ...filters, entity } }, parseAs: 'stream', signal });
  return response;
}
