import { api } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export interface OrderSearch {
  product?: string;
  buyer?: string;
  active?: string;
  week?: string;
  view?: string;
}

export function useOrders({ product, buyer, active, week }: OrderSearch, limit = 50) {
  const query = { entity: useScope(), limit, ...(product && { product }), ...(buyer && { buyer }), ...(week && { week }), ...(active && { active: active === 'true' }) };
  return api.useInfiniteQuery('get', '/api/commandes', { params: { query } }, BY_CURSOR);
}

export function useOrder(id: string) {
  return api.useQuery('get', '/api/commandes/{id}', { params: { path: { id } } });
}
