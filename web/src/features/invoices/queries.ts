import { api, client } from '@/api/client';
import type { DocumentKind, DocumentView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';
import { type DocumentSearch, tabOf } from './search';

function filtersOf(search: DocumentSearch) {
  const { kind, customer, from, to } = search;
  return {
    direction: 'sale' as const,
    ...(kind !== undefined && { kind: kind as DocumentKind }),
    ...(tabOf(search) === 'offers' && { group: 'offers' as const }),
    ...(search.status === 'open' ? { status: 'sent', group: 'claims' as const } : search.status !== undefined && { status: search.status }),
    ...(search.search !== undefined && { search: search.search }),
    ...(customer !== undefined && { party: customer }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** Invoices leave out those between entities, which are settled elsewhere; the other lists hold whatever was written here. */
export function useDocuments(search: DocumentSearch, limit = 50) {
  const tab = tabOf(search);
  const query = { entity: useScope(), limit, ...filtersOf(search) };
  const invoices = api.useInfiniteQuery('get', '/api/invoices', { params: { query } }, { ...BY_CURSOR, enabled: tab === 'invoices' });
  const others = api.useInfiniteQuery('get', '/api/documents', { params: { query } }, { ...BY_CURSOR, enabled: tab === 'offers' || tab === 'all' });
  return tab === 'invoices' ? invoices : others;
}

export function exportDocuments(search: DocumentSearch, entity: string, signal: AbortSignal) {
  const query = { entity, ...filtersOf(search) };
  const how = { params: { query }, parseAs: 'stream' as const, signal };
  return tabOf(search) === 'invoices' ? client.GET('/api/invoices/export', how) : client.GET('/api/documents/export', how);
}

export function useFigures(party?: string) {
  return api.useQuery('get', '/api/invoices/figures', { params: { query: { entity: useScope(), ...(party !== undefined && { party }) } } });
}

export function useDocument(id: string, enabled = true) {
  return api.useQuery('get', '/api/documents/{id}', { params: { path: { id } } }, { enabled });
}

/** What a customer has still to pay, or what a supplier is still owed, the oldest due first; none until it was asked for anew: what was paid meanwhile is not to be paid again. */
export function useOpenClaims(party: string, direction: 'sale' | 'purchase' = 'sale'): DocumentView[] | undefined {
  const open = api.useQuery(
    'get',
    '/api/documents',
    { params: { query: { party, direction, status: 'sent', group: 'claims', limit: 200 } } },
    { enabled: party !== '', refetchOnMount: 'always', select: ({ items }) => items.toSorted((one, other) => (one.due_on ?? '').localeCompare(other.due_on ?? '')) },
  );
  return open.isSuccess && open.isFetchedAfterMount ? open.data : undefined;
}
