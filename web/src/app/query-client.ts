import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/problem';

const RETRIES = 2;

/** Called when the service no longer knows the session. */
let signedOut: () => void = () => undefined;

export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

function watch(thrown: unknown): void {
  if (Problem.from(thrown).status === 401) signedOut();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: watch }),
  mutationCache: new MutationCache({ onError: watch }),
  defaultOptions: {
    queries: {
      // Live updates say what has changed; this is for what they do not cover.
      staleTime: 30_000,
      retry: (failures, thrown) => Problem.from(thrown).isTransient && failures < RETRIES,
    },
    mutations: { networkMode: 'always' },
  },
});
