import { Checkbox } from '@mantine/core';
import type { Row, Table } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type MouseEvent, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { features, Pages } from './model';
import css from './table.module.css';

const ROW_HEIGHT = 38;
const AHEAD = 12;

interface LinesProps<T extends object> {
  table: Table<typeof features, T>;
  scroll: RefObject<HTMLDivElement | null>;
  pages: Pages<T>;
  selectable: boolean;
  onOpen: ((row: T) => void) | undefined;
  grow: boolean;
}

/** The rows in sight, one of which holds the keyboard: arrows or J and K move, Enter opens, X or space selects. */
export function Lines<T extends object>({ table, scroll, pages, selectable, onOpen, grow }: LinesProps<T>) {
  const rows = table.getRowModel().rows;
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_HEIGHT, overscan: AHEAD, enabled: !grow });
  const items = grow ? rows.map((_, index) => ({ index, start: index * ROW_HEIGHT })) : virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;

  useEffect(() => {
    if (last >= rows.length - AHEAD && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  const focus = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    setActive(target);
    if (!grow) virtual.scrollToIndex(target);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${target}"]`)?.focus());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey || !row) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(active + 1),
      j: () => focus(active + 1),
      ArrowUp: () => focus(active - 1),
      k: () => focus(active - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      PageDown: () => focus(active + 10),
      PageUp: () => focus(active - 10),
    };
    if (event.key === 'Enter' && onOpen && !(event.target instanceof HTMLAnchorElement)) onOpen(row.original);
    else if ((event.key === 'x' || event.key === ' ') && selectable) row.toggleSelected();
    else if (moves[event.key]) moves[event.key]?.();
    else return;
    event.preventDefault();
  };

  return (
    <div className={css.body} role="rowgroup" style={{ height: grow ? rows.length * ROW_HEIGHT : virtual.getTotalSize() }} onKeyDown={onKeyDown}>
      {items.map(({ index, start }) => {
        const row = rows[index];
        return row && (
          <Line key={row.id} row={row} index={index} start={start} tabbable={index === active} selected={selectable && row.getIsSelected()} selectable={selectable} onFocus={setActive} onOpen={onOpen} columns={row.getVisibleCells().length} />
        );
      })}
    </div>
  );
}

interface LineProps<T extends object> {
  row: Row<typeof features, T>;
  index: number;
  start: number;
  tabbable: boolean;
  selected: boolean;
  selectable: boolean;
  columns: number;
  onFocus: (index: number) => void;
  onOpen: ((row: T) => void) | undefined;
}

function LineView<T extends object>({ row, index, start, tabbable, selected, selectable, onFocus, onOpen }: LineProps<T>) {
  const { t } = useTranslation();
  const open = (event: MouseEvent) => {
    const inside = event.target instanceof Element && event.target.closest('a, button, input, label');
    if (!inside && window.getSelection()?.isCollapsed !== false) onOpen?.(row.original);
  };
  return (
    <div
      className={`${css.row} ${css.line}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      data-index={index}
      data-selected={selected}
      data-open={onOpen ? true : undefined}
      tabIndex={tabbable ? 0 : -1}
      style={{ transform: `translateY(${start}px)` }}
      onClick={open}
      onFocus={() => onFocus(index)}
    >
      {selectable && (
        <span role="gridcell">
          <Checkbox aria-label={t('table.select')} checked={selected} tabIndex={-1} onChange={row.getToggleSelectedHandler()} />
        </span>
      )}
      {row.getVisibleCells().map((cell) => (
        <span key={cell.id} role="gridcell" className={cell.column.columnDef.meta?.align ? `${css.cell} ${css.end}` : css.cell}>
          {(cell.column.columnDef.cell as (context: unknown) => React.ReactNode)(cell.getContext())}
        </span>
      ))}
    </div>
  );
}

// A million rows are behind this: moving the keyboard must redraw two lines, not forty.
const Line = memo(LineView) as typeof LineView;
