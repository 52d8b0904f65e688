import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/problem';

const RETRIES = 2;

/** What the session lacks: the service no longer knows it, or waits for a new password. */
type Lack = 'signIn' | 'newPassword';

let onLack: (lack: Lack) => void = () => undefined;

/** `handler` is called when the service asks for more than the session has. */
export function onSessionLack(handler: (lack: Lack) => void): void {
  onLack = handler;
}

function watch(thrown: unknown): void {
  const { status, code } = Problem.from(thrown);
  if (status === 401) onLack('signIn');
  else if (code === 'must_change_password') onLack('newPassword');
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
