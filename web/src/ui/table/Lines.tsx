import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type MouseEvent, type RefObject, type SyntheticEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Column } from './model';
import { RowCheck } from './RowCheck';
import css from './table.module.css';

/** Every row is as high as this, so that where one stands is known without measuring. As `--row`, of a root of 16 px. */
const ROW_HEIGHT = 38;

/** Rows drawn above and below those in sight. */
const OVERSCAN = 5;

/** Drawn before the height of the list is known. */
const FIRST_SIGHT = { width: 0, height: 24 * ROW_HEIGHT };

/** How many rows before the end the next page is asked for. */
const AHEAD = 12;

const PAGE = 10;

interface LinesProps<T extends object> {
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  scroll: RefObject<HTMLDivElement | null>;
  /** Which are selected, where rows can be; the words for selecting one. */
  selected: ReadonlySet<string> | undefined;
  selectLabel: string;
  onToggle: (id: string) => void;
  onOpen: ((row: T) => void) | undefined;
  /** Asks for the rows after the last, where there are any. */
  more: (() => void) | undefined;
  grow: boolean;
}

/** What a button in a row opens, such as a question, is in the row to React and elsewhere on the page. */
function isWithin({ target, currentTarget }: SyntheticEvent): boolean {
  return target instanceof Node && currentTarget.contains(target);
}

function onControl({ target }: SyntheticEvent): boolean {
  return target instanceof Element && target.closest('a, button, input, label') !== null;
}

function LinesView<T extends object>({ rows, columns, rowId, scroll, selected, selectLabel, onToggle, onOpen, more, grow }: LinesProps<T>) {
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    enabled: !grow,
    initialRect: FIRST_SIGHT,
    // The heading stays above the rows and covers what is under it.
    scrollMargin: ROW_HEIGHT,
    scrollPaddingStart: ROW_HEIGHT,
    useFlushSync: false,
  });
  const inSight = virtual.getVirtualItems();
  const from = grow ? 0 : (inSight[0]?.index ?? 0);
  const to = grow ? rows.length : (inSight.at(-1)?.index ?? -1) + 1;
  const body = useRef<HTMLDivElement>(null);
  const follows = useRef(false);

  useEffect(() => {
    if (to >= rows.length - AHEAD) more?.();
  }, [to, rows.length, more]);

  // The keyboard goes to a row once that is drawn.
  useLayoutEffect(() => {
    if (!follows.current) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (!row) return;
    follows.current = false;
    row.focus({ preventScroll: !grow });
  });

  const focus = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    follows.current = true;
    setActive(target);
    if (!grow) virtual.scrollToIndex(target);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey || !row || !isWithin(event)) return;
    // A button in the row is pressed by these; they are not for the row.
    if ((event.key === 'Enter' || event.key === ' ') && onControl(event)) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: active + PAGE,
      PageUp: active - PAGE,
    };
    const target = moves[event.key];
    if (event.key === 'Enter' && onOpen) onOpen(row);
    else if ((event.key === 'x' || event.key === ' ') && selected) onToggle(rowId(row));
    else if (target !== undefined) focus(target);
    else return;
    event.preventDefault();
  };

  return (
    <div ref={body} className={css.body} role="rowgroup" style={{ height: rows.length * ROW_HEIGHT }} onKeyDown={onKeyDown}>
      {rows.slice(from, to).map((row, offset) => {
        const index = from + offset;
        const id = rowId(row);
        return (
          <Line key={id} id={id} row={row} columns={columns} index={index} tabbable={index === active} selected={selected?.has(id)} selectLabel={selectLabel} onToggle={onToggle} onFocus={setActive} onOpen={onOpen} />
        );
      })}
    </div>
  );
}

/** The rows in sight, one of which holds the keyboard: arrows or J and K move, Enter opens, X or space selects. */
export const Lines = memo(LinesView) as typeof LinesView;

interface LineProps<T extends object> {
  id: string;
  row: T;
  columns: readonly Column<T>[];
  index: number;
  tabbable: boolean;
  /** Undefined where rows cannot be selected. */
  selected: boolean | undefined;
  selectLabel: string;
  onToggle: (id: string) => void;
  onFocus: (index: number) => void;
  onOpen: ((row: T) => void) | undefined;
}

function LineView<T extends object>({ id, row, columns, index, tabbable, selected, selectLabel, onToggle, onFocus, onOpen }: LineProps<T>) {
  const open = (event: MouseEvent) => {
    if (isWithin(event) && !onControl(event) && window.getSelection()?.isCollapsed !== false) onOpen?.(row);
  };
  const cells = columns.map((column) => (
    <span key={column.id} role="gridcell" className={column.align ? `${css.cell} ${css.end}` : css.cell}>{column.cell(row)}</span>
  ));
  return (
    <div
      className={`${css.row} ${css.line}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-index={index}
      data-selected={selected}
      data-open={onOpen ? true : undefined}
      tabIndex={tabbable ? 0 : -1}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={open}
      onFocus={() => onFocus(index)}
    >
      {selected !== undefined && <span role="gridcell"><RowCheck inLine label={selectLabel} checked={selected} onChange={() => onToggle(id)} /></span>}
      {cells}
    </div>
  );
}

// A million rows are behind this: moving the keyboard must redraw two lines, not forty.
const Line = memo(LineView) as typeof LineView;
