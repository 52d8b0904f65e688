import { api } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export interface BuyerSearch {
  search?: string;
  active?: string;
  archived?: string;
}

export function useBuyers({ search, active, archived }: BuyerSearch) {
  const query = { entity: useScope(), ...(search && { search }), ...(active && { active: active === 'true' }), ...(archived === 'true' && { archived: true }) };
  return api.useInfiniteQuery('get', '/api/clients', { params: { query } }, BY_CURSOR);
}

/** The buyers to choose from; a tenant has some hundreds at most. */
export function useBuyerChoices(): { value: string; label: string }[] {
  const buyers = api.useQuery('get', '/api/clients', { params: { query: { entity: useScope(), limit: 200 } } }, { staleTime: 5 * 60_000 });
  return (buyers.data?.items ?? []).map((buyer) => ({ value: buyer.id, label: `${buyer.name} · ${buyer.entity}` }));
}

export function useBuyer(id: string) {
  return api.useQuery('get', '/api/clients/{id}', { params: { path: { id } } });
}
