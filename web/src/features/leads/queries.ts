import { api, client } from '@/api/client';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';
import type { LeadSearch } from './search';

export function useLeads(search: LeadSearch) {
  return api.useInfiniteQuery('get', '/api/leads', { params: { query: { ...search, entity: useScope() } } }, BY_CURSOR);
}

export function useLeadStats(week: string | undefined) {
  return api.useQuery('get', '/api/leads/stats', { params: { query: { entity: useScope(), ...(week && { week }) } } });
}

export function useLead(id: string) {
  return api.useQuery('get', '/api/leads/{id}', { params: { path: { id } } });
}

export function exportLeads(search: LeadSearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/leads/export', { params: { query: { ...search, entity } }, parseAs: 'stream', signal });
}
