import { api } from '@/api/client';

/** While an audit runs, how far it is is asked so often. */
const POLL_MS = 2000;

/** So many runs are drawn and offered: a quarter of a year of nights. */
const RUNS = 90;

/** How the installation stands; asked again and again while an audit is under way. */
export function useAudit() {
  return api.useQuery('get', '/api/audit', {}, { refetchInterval: ({ state }) => (isUnderWay(state.data?.asked?.state) ? POLL_MS : false) });
}

export function isUnderWay(state: string | undefined): boolean {
  return state === 'queued' || state === 'running';
}

export function useRuns() {
  return api.useQuery('get', '/api/audit/runs', { params: { query: { limit: RUNS } } });
}

/** What follows from what, as this version was built and as it went this week. */
export function useBlastRadius() {
  return api.useQuery('get', '/api/audit/blast-radius', {});
}

/** What one run found; runs never change. */
export function useRun(id: string | undefined) {
  return api.useQuery('get', '/api/audit/runs/{id}', { params: { path: { id: id ?? '' } } }, { enabled: id !== undefined, staleTime: Number.POSITIVE_INFINITY });
}
