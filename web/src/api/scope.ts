import { useSyncExternalStore } from 'react';
import { remember, recall } from '@/lib/storage';

/** The word for every entity one may see. */
export const ALL = 'ALL';

const KEY = 'comptoir.scope';
const listeners = new Set<() => void>();
let current = recall(KEY) ?? ALL;

/** The entity in scope, by code, or `ALL`. Sent with every call; kept across sign-ins. */
export function scope(): string {
  return current;
}

export function setScope(code: string): void {
  current = code;
  remember(KEY, code);
  for (const tell of listeners) tell();
}

export function useScope(): string {
  return useSyncExternalStore(subscribe, scope);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
