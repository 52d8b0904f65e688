import { useMemo, useState } from 'react';
import { recall, remember } from '@/lib/storage';
import type { Column } from './model';

type Visibility = Record<string, boolean>;

/** Which columns are shown: as chosen here before, else as the columns say; on a phone without the wide ones. */
export function useVisibility<T>(name: string, columns: readonly Column<T>[], phone: boolean): [Visibility, (next: Visibility) => void] {
  const key = `comptoir.columns.${name}`;
  const [chosen, setChosen] = useState<Visibility>(() => read(recall(key)));
  const shown = useMemo(
    () => Object.fromEntries(columns.map(({ id, hidden, wide }) => [id, !(phone && wide) && (chosen[id] ?? !hidden)])),
    [columns, chosen, phone],
  );
  return [shown, (next) => {
    setChosen(next);
    remember(key, JSON.stringify(next));
  }];
}

function read(text: string | null): Visibility {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Visibility) : {};
  } catch {
    // Written by something else: the columns' own choice holds.
    return {};
  }
}
