import { useState } from 'react';
import { api, versionOf } from '@/api/client';
import type { IncomingStatus } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useOutcome } from '@/app/outcome';
import { BY_CURSOR } from '@/lib/paged';

/** What stands behind the question mark of the address of the list. */
export interface PurchaseSearch {
  search?: string;
  status?: string;
  supplier?: string;
  from?: string;
  to?: string;
}

export const STATUSES = ['received', 'approved', 'booked', 'refused'] as const satisfies readonly IncomingStatus[];

export function usePurchases({ search, status, supplier, from, to }: PurchaseSearch) {
  const query = {
    entity: useScope(),
    limit: 50,
    ...(search !== undefined && { q: search }),
    ...(status !== undefined && { status: status as IncomingStatus }),
    ...(supplier !== undefined && { supplier }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  return api.useInfiniteQuery('get', '/api/incoming-invoices', { params: { query } }, BY_CURSOR);
}

export function usePurchase(id: string) {
  return api.useQuery('get', '/api/incoming-invoices/{id}', { params: { path: { id } } });
}

function versionNow(id: string): string | undefined {
  return versionOf(`/api/incoming-invoices/${id}`);
}

/** The invoice and its version as it is now on screen, for an act of one click. */
export function ofNow(id: string) {
  return { params: { path: { id } }, headers: { 'If-Match': versionNow(id) } };
}

/** The same as it was when a form over it was opened. */
export function useOpenedAt(id: string) {
  const [version] = useState(() => versionNow(id));
  return { params: { path: { id } }, headers: { 'If-Match': version } };
}

/** Closes what asked, says that it is done, and reads again. */
export function useClosing(done: string, onClose: () => void) {
  const outcome = useOutcome({ done, quiet: true });
  return {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  };
}
