import { isWeek } from './week';

/** Takes out everything by its name: the router would keep what a page does not name. */
function dropped(search: Record<string, unknown>): Record<string, undefined> {
  return Object.fromEntries(Object.keys(search).map((key) => [key, undefined]));
}

/** What stands behind the question mark of an address: only what a page knows, as text. */
export function keepText<K extends string>(...keys: readonly K[]): (search: Record<string, unknown>) => Partial<Record<K, string>> {
  return (search) => {
    const kept = dropped(search) as Partial<Record<K, string>>;
    for (const key of keys) {
      const text = search[key];
      if (typeof text !== 'string' || text === '') continue;
      if (key === 'week' && !isWeek(text)) continue;
      kept[key] = text;
    }
    return kept;
  };
}
