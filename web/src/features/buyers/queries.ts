import { api, client } from '@/api/client';
import { useScope } from '@/api/scope';
import { useMay } from '@/app/session';
import { BY_CURSOR } from '@/lib/paged';

export interface BuyerSearch {
  search?: string;
  active?: string;
  archived?: string;
}

function filtersOf({ search, active, archived }: BuyerSearch) {
  return { ...(search && { search }), ...(active && { active: active === 'true' }), ...(archived === 'true' && { archived: true }) };
}

export function useBuyers(search: BuyerSearch) {
  return api.useInfiniteQuery('get', '/api/clients', { params: { query: { entity: useScope(), ...filtersOf(search) } } }, BY_CURSOR);
}

export function exportBuyers(search: BuyerSearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/clients/export', { params: { query: { entity, ...filtersOf(search) } }, parseAs: 'stream', signal });
}

/** The buyers to choose from; a tenant has some hundreds at most. */
export function useBuyerChoices(): { value: string; label: string }[] {
  const buyers = api.useQuery('get', '/api/clients', { params: { query: { entity: useScope(), limit: 200 } } }, { staleTime: 5 * 60_000, enabled: useMay()('clients.view') });
  return (buyers.data?.items ?? []).map((buyer) => ({ value: buyer.id, label: `${buyer.name} · ${buyer.entity}` }));
}

export function useBuyer(id: string) {
  return api.useQuery('get', '/api/clients/{id}', { params: { path: { id } } });
}
