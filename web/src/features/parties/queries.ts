import { keepPreviousData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import type { PartyRole, PartyView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export interface PartySearch {
  search?: string;
  role?: string;
  archived?: string;
}

export function useParties({ search, role, archived }: PartySearch) {
  const query = { entity: useScope(), limit: 50, ...(search !== undefined && { search }), ...(role !== undefined && { role: role as PartyRole }), ...(archived === 'true' && { archived: true }) };
  return api.useInfiniteQuery('get', '/api/parties', { params: { query } }, BY_CURSOR);
}

export function useParty(id: string) {
  return api.useQuery('get', '/api/parties/{id}', { params: { path: { id } } }, { enabled: id !== '' });
}

/** Those that fit what is typed, and the one that is chosen. */
export function usePartyChoices(typed: string, chosen: string, enabled = true, role?: PartyRole): { value: string; label: string }[] {
  const one = useParty(chosen);
  // What is typed is the name of the chosen one until somebody types.
  const search = one.data && typed.trim() === labelOf(one.data) ? '' : typed.trim();
  const found = api.useQuery('get', '/api/parties', { params: { query: { entity: useScope(), limit: 20, ...(search !== '' && { search }), ...(role !== undefined && { role }) } } }, { enabled, placeholderData: keepPreviousData });
  return useMemo(() => {
    const all = [...(found.data?.items ?? [])];
    if (one.data && !all.some(({ id }) => id === one.data.id)) all.unshift(one.data);
    return all.map((party) => ({ value: party.id, label: labelOf(party) }));
  }, [found.data, one.data]);
}

function labelOf({ name, code }: Pick<PartyView, 'name' | 'code'>): string {
  return `${name} · ${code}`;
}
