import { api, client } from '@/api/client';
import type { PayMethod, PaymentDirection } from '@/api/schema';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export interface PaymentSearch {
  search?: string;
  status?: string;
  method?: string;
  customer?: string;
  direction?: string;
  unallocated?: string;
  from?: string;
  to?: string;
}

function filtersOf({ search, status, method, customer, direction, unallocated, from, to }: PaymentSearch) {
  return {
    ...(search !== undefined && { search }),
    ...((status === 'completed' || status === 'failed') && { status: status as 'completed' }),
    ...(method !== undefined && { method: method as PayMethod }),
    ...(customer !== undefined && { party: customer }),
    ...(direction !== undefined && { direction: direction as PaymentDirection }),
    ...(unallocated === 'true' && { unallocated: true }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

export function usePayments(search: PaymentSearch, limit = 50) {
  return api.useInfiniteQuery('get', '/api/payments', { params: { query: { entity: useScope(), limit, ...filtersOf(search) } } }, BY_CURSOR);
}

export function exportPayments(search: PaymentSearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/payments/export', { params: { query: { entity, ...filtersOf(search) } }, parseAs: 'stream', signal });
}
