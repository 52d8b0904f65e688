import { api } from '@/api/client';
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

export function usePayments({ search, status, method, customer, direction, unallocated, from, to }: PaymentSearch, limit = 50) {
  const query = {
    entity: useScope(),
    limit,
    ...(search !== undefined && { search }),
    ...((status === 'completed' || status === 'failed') && { status: status as 'completed' }),
    ...(method !== undefined && { method: method as PayMethod }),
    ...(customer !== undefined && { party: customer }),
    ...(direction !== undefined && { direction: direction as PaymentDirection }),
    ...(unallocated === 'true' && { unallocated: true }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  return api.useInfiniteQuery('get', '/api/payments', { params: { query } }, BY_CURSOR);
}
