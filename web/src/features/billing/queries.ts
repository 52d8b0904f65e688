import { api, client } from '@/api/client';
import type { BillingMode, BillingRecordStatus, CreditCandidateStatus } from '@/api/schema';
import { useScope } from '@/api/scope';
import { BY_CURSOR } from '@/lib/paged';

export const RECORD_STATUSES = ['not_invoiced', 'invoiced', 'overdue', 'paid'] as const satisfies readonly BillingRecordStatus[];
export const CANDIDATE_STATUSES = ['open', 'proposed', 'credited', 'dismissed'] as const satisfies readonly CreditCandidateStatus[];
export const BILLING_MODES = ['WEEKLY_INVOICE', 'PREPAID'] as const satisfies readonly BillingMode[];

/** What stands in the address of the page. */
export interface BillingSearch {
  tab?: string;
  week?: string;
  month?: string;
  buyer?: string;
  product?: string;
  status?: string;
  mode?: string;
  document?: string;
}

export function useBillingWeek(week: string | undefined) {
  return api.useQuery('get', '/api/billing/week', { params: { query: { entity: useScope(), ...(week && { week }) } } });
}

export function useBillingMonth(month: string) {
  return api.useQuery('get', '/api/billing/month-summary', { params: { query: { entity: useScope(), month } } });
}

function recordFilters({ week, month, buyer, product, document, ...search }: BillingSearch) {
  const status = RECORD_STATUSES.find((one) => one === search.status);
  const mode = BILLING_MODES.find((one) => one === search.mode);
  return { ...(week && { week }), ...(month && { month }), ...(buyer && { buyer }), ...(product && { product }), ...(document && { document }), ...(status && { status }), ...(mode && { billing_mode: mode }) };
}

export function useRecords(search: BillingSearch) {
  return api.useInfiniteQuery('get', '/api/billing/records', { params: { query: { entity: useScope(), ...recordFilters(search) } } }, BY_CURSOR);
}

export function exportRecords(search: BillingSearch, entity: string, signal: AbortSignal) {
  return client.GET('/api/billing/records/export', { params: { query: { entity, ...recordFilters(search) } }, parseAs: 'stream', signal });
}

export function useCandidates({ week, buyer, ...search }: BillingSearch) {
  const status = CANDIDATE_STATUSES.find((one) => one === search.status);
  return api.useInfiniteQuery('get', '/api/billing/credit-candidates', { params: { query: { entity: useScope(), ...(week && { week }), ...(buyer && { buyer }), ...(status && { status }) } } }, BY_CURSOR);
}
