import { api, client } from '@/api/client';
import { useWho } from '@/app/session';
import { BY_CURSOR } from '@/lib/paged';
import { TRANSFER_STATUSES } from './status';

/** What stands in the address of the page. */
export interface IntercompanySearch {
  tab?: string;
  week?: string;
  status?: string;
  direction?: string;
  document?: string;
}

function transferFilters({ week, status, direction, document }: IntercompanySearch) {
  const known = TRANSFER_STATUSES.find((one) => one === status);
  return { ...(week && { week }), ...(known && { status: known }), ...(direction && { direction }), ...(document && { document }) };
}

export function useTransfers(search: IntercompanySearch) {
  return api.useInfiniteQuery('get', '/api/intercompany/transfers', { params: { query: transferFilters(search) } }, BY_CURSOR);
}

export function exportTransfers(search: IntercompanySearch, signal: AbortSignal) {
  return client.GET('/api/intercompany/transfers/export', { params: { query: transferFilters(search) }, parseAs: 'stream', signal });
}

export function useIntercompanyInvoices({ week, direction }: IntercompanySearch) {
  return api.useInfiniteQuery('get', '/api/intercompany/invoices', { params: { query: { ...(week && { week }), ...(direction && { direction }) } } }, BY_CURSOR);
}

/** Every direction between two entities, as the filters name it. */
export function useDirections(): { value: string; label: string }[] {
  const { entities } = useWho();
  return entities.flatMap((from) => entities.filter((to) => to.id !== from.id).map((to) => ({ value: `${from.code}->${to.code}`, label: `${from.code} → ${to.code}` })));
}
