import { api, client } from '@/api/client';
import type { BankLineState } from '@/api/schema';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export const STATES: BankLineState[] = ['suggested', 'unmatched', 'matched', 'ignored'];

/** What the address of a bank account's page holds. */
export interface BankSearch {
  tab?: string | undefined;
  state?: string | undefined;
  search?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export function useBankAccounts() {
  return api.useQuery('get', '/api/bank/accounts', { params: { query: { entity: useScope() } } });
}

export function useBankAccount(id: string) {
  return api.useQuery('get', '/api/bank/accounts/{id}', { params: { path: { id } } });
}

function lineFilters(account: string, { state, search, from, to }: BankSearch) {
  const known = STATES.find((one) => one === state);
  return { account, ...(known && { state: known }), ...(search && { search }), ...(from && { from }), ...(to && { to }) };
}

export function useBankLines(account: string, search: BankSearch) {
  return api.useInfiniteQuery('get', '/api/bank/lines', { params: { query: { limit: 50, ...lineFilters(account, search) } } }, BY_CURSOR);
}

export function exportBankLines(account: string, search: BankSearch, signal: AbortSignal) {
  return client.GET('/api/bank/lines/export', { params: { query: lineFilters(account, search) }, parseAs: 'stream', signal });
}

export function useStatements(id: string) {
  return api.useInfiniteQuery('get', '/api/bank/accounts/{id}/statements', { params: { path: { id } } }, BY_CURSOR);
}
