import { type RefObject, useLayoutEffect, useState } from 'react';

/** Every row is as high as this, so that where one stands is known without measuring. As `--row`, of a root of 16 px. */
export const ROW_HEIGHT = 38;

/** Rows drawn above and below those in sight. */
const AHEAD = 5;

interface Range {
  from: number;
  to: number;
}

/** Drawn before the height of the list is known. */
const FIRST: Range = { from: 0, to: 24 };

function rangeOf(list: HTMLElement, before: Range): Range {
  const from = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - AHEAD);
  const to = Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + AHEAD;
  return before.from === from && before.to === to ? before : { from, to };
}

/** Which rows of a list that scrolls within `scroll` are to be drawn, and how to bring one into sight. */
export function useRowsInSight(scroll: RefObject<HTMLDivElement | null>, enabled: boolean): { range: Range; bring: (index: number) => void } {
  const [range, setRange] = useState(FIRST);

  useLayoutEffect(() => {
    const list = scroll.current;
    if (!list || !enabled) return undefined;
    const look = () => setRange((before) => rangeOf(list, before));
    // Tells of the height at once, and whenever it changes.
    const heights = new ResizeObserver(look);
    heights.observe(list);
    list.addEventListener('scroll', look, { passive: true });
    return () => {
      heights.disconnect();
      list.removeEventListener('scroll', look);
    };
  }, [scroll, enabled]);

  const bring = (index: number) => {
    const list = scroll.current;
    if (!list || !enabled) return;
    const top = index * ROW_HEIGHT;
    // The heading stays above the rows and covers what is under it.
    const room = list.clientHeight - ROW_HEIGHT;
    if (top < list.scrollTop) list.scrollTo({ top });
    else if (top + ROW_HEIGHT > list.scrollTop + room) list.scrollTo({ top: top + ROW_HEIGHT - room });
    setRange((before) => rangeOf(list, before));
  };

  return { range, bring };
}
