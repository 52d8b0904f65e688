import { useCallback, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  choose: (ids: readonly string[]) => void;
}

const NONE: ReadonlySet<string> = new Set();

/** The rows that are selected, by their ids. */
export function useSelection(): Selection {
  const [ids, setIds] = useState(NONE);
  const choose = useCallback((chosen: readonly string[]) => setIds(new Set(chosen)), []);
  const toggle = useCallback((id: string) => {
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  return { ids, toggle, choose };
}
