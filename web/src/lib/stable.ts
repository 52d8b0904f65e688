import { useCallback, useLayoutEffect, useRef } from 'react';

/** The same function at every drawing, that calls the latest given: what is handed down many times must not change. */
export function useStable<A extends unknown[]>(callback: ((...args: A) => void) | undefined): (...args: A) => void {
  const latest = useRef(callback);
  useLayoutEffect(() => {
    latest.current = callback;
  });
  return useCallback((...args: A) => latest.current?.(...args), []);
}
