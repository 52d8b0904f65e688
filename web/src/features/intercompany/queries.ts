import { api } from '@/api/client';
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

export function useTransfers({ week, status, direction, document }: IntercompanySearch) {
  const known = TRANSFER_STATUSES.find((one) => one === status);
  return api.useInfiniteQuery('get', '/api/intercompany/transfers', { params: { query: { ...(week && { week }), ...(known && { status: known }), ...(direction && { direction }), ...(document && { document }) } } }, BY_CURSOR);
}

export function useIntercompanyInvoices({ week, direction }: IntercompanySearch) {
  return api.useInfiniteQuery('get', '/api/intercompany/invoices', { params: { query: { ...(week && { week }), ...(direction && { direction }) } } }, BY_CURSOR);
}

/** Every direction between two entities, as the filters name it. */
export function useDirections(): { value: string; label: string }[] {
  const { entities } = useWho();
  return entities.flatMap((from) => entities.filter((to) => to.id !== from.id).map((to) => ({ value: `${from.code}->${to.code}`, label: `${from.code} → ${to.code}` })));
}
