import { api, client } from '@/api/client';
import { language } from '@/i18n';
import { BY_CURSOR } from '@/lib/paged';

/** A chart is seldom longer than two of these. */
const ACCOUNTS_PER_PAGE = 200;

export interface EntrySearch {
  from?: string | undefined;
  to?: string | undefined;
  journal?: string | undefined;
  account?: string | undefined;
  party?: string | undefined;
  search?: string | undefined;
}

/** The name of an account, a journal or a role in the reader's language. */
export function nameOf(thing: { name_fr?: string | null; name_en?: string | null }): string {
  return (language() === 'fr' ? thing.name_fr : thing.name_en) ?? thing.name_fr ?? '';
}

export function useYears(entity: string) {
  return api.useQuery('get', '/api/ledger/years', { params: { query: { entity } } }, { staleTime: 60_000 });
}

/** The books of an entity; a failure where they are not open yet. */
export function useBook(entity: string) {
  return api.useQuery('get', '/api/ledger/book', { params: { query: { entity } } }, { staleTime: 10 * 60_000, retry: false });
}

export function useJournals(entity: string) {
  return api.useQuery('get', '/api/ledger/journals', { params: { query: { entity } } }, { staleTime: 60_000 });
}

export function useRoles(entity: string, enabled = true) {
  return api.useQuery('get', '/api/ledger/roles', { params: { query: { entity } } }, { staleTime: 60_000, enabled });
}

export function useTrialBalance(entity: string, { from, to }: { from?: string | undefined; to?: string | undefined }) {
  return api.useQuery('get', '/api/ledger/trial-balance', { params: { query: { entity, ...(from && { from }), ...(to && { to }) } } });
}

function entryFilters({ from, to, journal, account, party, search }: EntrySearch) {
  return { ...(from && { from }), ...(to && { to }), ...(journal && { journal }), ...(account && { account }), ...(party && { party }), ...(search && { search }) };
}

export function useEntries(entity: string, search: EntrySearch) {
  return api.useInfiniteQuery('get', '/api/ledger/entries', { params: { query: { entity, ...entryFilters(search) } } }, BY_CURSOR);
}

export function exportEntries(entity: string, search: EntrySearch, signal: AbortSignal) {
  return client.GET('/api/ledger/entries/export', { params: { query: { entity, ...entryFilters(search) } }, parseAs: 'stream', signal });
}

export function exportTrialBalance(entity: string, { from, to }: { from?: string | undefined; to?: string | undefined }, signal: AbortSignal) {
  return client.GET('/api/ledger/trial-balance/export', { params: { query: { entity, ...(from && { from }), ...(to && { to }) } }, parseAs: 'stream', signal });
}

export function useAccounts(entity: string, filters: { search?: string | undefined; class?: string | undefined; active?: string | undefined }) {
  const { search, active } = filters;
  const found = CLASSES.find((one) => one === filters.class);
  const query = { entity, limit: ACCOUNTS_PER_PAGE, ...(search && { search }), ...(found && { class: found }), ...(active && { active: active === 'true' }) };
  return api.useInfiniteQuery('get', '/api/ledger/accounts', { params: { query } }, BY_CURSOR);
}

/** Accounts to choose from, by what was typed. */
export function useAccountChoices(entity: string, search: string) {
  return api.useQuery('get', '/api/ledger/accounts', { params: { query: { entity, limit: 50, active: true, ...(search && { search }) } } }, { staleTime: 60_000 });
}

/** The account that plays a role, with its id. */
export function useRoleAccount(entity: string, role: string) {
  const code = useRoles(entity).data?.find((one) => one.role === role && !one.rate)?.account ?? undefined;
  const found = api.useQuery('get', '/api/ledger/accounts', { params: { query: { entity, search: code ?? '', limit: 1 } } }, { enabled: code !== undefined, staleTime: 60_000 });
  return found.data?.items.find((one) => one.code === code);
}

export const CLASSES = ['asset', 'liability', 'equity', 'income', 'expense'] as const;
export type AccountClassName = (typeof CLASSES)[number];
