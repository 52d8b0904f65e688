import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Changes what stands behind the question mark of the address; undefined takes a filter away. */
export function usePatchSearch<S extends object>(): (patch: { [K in keyof S]?: S[K] | undefined }) => void {
  const navigate = useNavigate();
  return useCallback(
    (patch) => {
      void navigate({
        to: '.',
        replace: true,
        search: (before: Record<string, unknown>) =>
          Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined && value !== '')) as never,
      });
    },
    [navigate],
  );
}
