import { isWeek } from './week';

/** What stands behind the question mark of an address: only what a page knows, as text. */
export function keepText<K extends string>(...keys: readonly K[]): (search: Record<string, unknown>) => Partial<Record<K, string>> {
  return (search) => {
    const kept: Partial<Record<K, string>> = {};
    for (const key of keys) {
      const value = search[key];
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || text === '') continue;
      if (key === 'week' && !isWeek(text)) continue;
      kept[key] = text;
    }
    return kept;
  };
}
