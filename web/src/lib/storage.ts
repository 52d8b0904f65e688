/** What the browser keeps for this console. Storage may be full or forbidden: then nothing is remembered, and all works. */
export function recall(key: string, store: 'local' | 'session' = 'local'): string | null {
  try {
    return area(store).getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string, store: 'local' | 'session' = 'local'): void {
  try {
    area(store).setItem(key, value);
  } catch {
    // As the module says: not remembered.
  }
}

export function forget(key: string, store: 'local' | 'session' = 'local'): void {
  try {
    area(store).removeItem(key);
  } catch {
    // As the module says: there is nothing to forget.
  }
}

function area(store: 'local' | 'session'): Storage {
  return store === 'local' ? localStorage : sessionStorage;
}
