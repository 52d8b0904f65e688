import { useMediaQuery } from '@mantine/hooks';
import { type CSSProperties, type ReactNode, useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStable } from '@/lib/stable';
import { ProblemBox } from '../states';
import { ColumnChoice } from './ColumnChoice';
import { Lines } from './Lines';
import type { Column, Pages } from './model';
import { RowCheck } from './RowCheck';
import { useSelection } from './selection';
import css from './table.module.css';
import { useVisibility } from './visibility';

export interface DataTableProps<T extends object> {
  /** Names the table for readers, and remembers its columns under this name. */
  name: string;
  label: string;
  columns: readonly Column<T>[];
  pages: Pages<T>;
  rowId: (row: T) => string;
  /** Opens a row: by click or Enter. */
  onOpen?: (row: T) => void;
  /** What is shown when there are no rows. */
  empty: ReactNode;
  /** What may be done with the rows selected; gives the table its checkboxes. */
  bulk?: ((rows: T[], clear: () => void) => ReactNode) | undefined;
  /** Shown at the end of the foot, such as an export. */
  foot?: ReactNode;
  /** Rows grow the page instead of scrolling within it. */
  grow?: boolean;
  /** Without a border of its own, inside a panel. */
  bare?: boolean;
}

/** A list that is paged by cursor: it never counts, and draws only the rows in sight. */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { name, label, columns, pages, bulk } = props;
  // The same functions every time, so that rows are not drawn anew for them.
  const open = useStable(props.onOpen);
  const more = useStable(() => void pages.fetchNextPage());
  const [rowId] = useState(() => props.rowId);
  const { t } = useTranslation();
  const phone = useMediaQuery('(max-width: 48em)') ?? false;
  const scroll = useRef<HTMLDivElement>(null);
  const [visibility, setVisibility] = useVisibility(name, columns, phone);
  const { ids, toggle, choose } = useSelection();
  // What surrounds the rows is drawn first: a keystroke need not wait for forty lines.
  const data = useDeferredValue(pages.data, undefined);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const shown = useMemo(() => columns.filter((column) => visibility[column.id]), [columns, visibility]);
  const selected = bulk ? rows.filter((row) => ids.has(rowId(row))) : [];
  const all = selected.length > 0 && selected.length === rows.length;
  const style = { '--columns': [...(bulk ? ['1.25rem'] : []), ...shown.map((column) => column.width)].join(' ') } as CSSProperties;
  const isEmpty = data === pages.data && rows.length === 0;

  return (
    <div className={[css.frame, props.bare && css.bare, props.grow && css.grow].filter(Boolean).join(' ')}>
      <div ref={scroll} className={css.scroll}>
        <div className={css.table} role="grid" aria-label={label} aria-rowcount={-1} aria-multiselectable={bulk !== undefined} style={style}>
          <div className={css.head} role="rowgroup">
            <div className={css.row} role="row">
              {bulk && (
                <span role="columnheader">
                  <RowCheck label={t('table.selectAll')} checked={all} some={selected.length > 0 && !all} onChange={() => choose(all ? [] : rows.map(rowId))} />
                </span>
              )}
              {shown.map((column) => (
                <span key={column.id} role="columnheader" className={column.align ? `${css.cell} ${css.end}` : css.cell}>{column.header}</span>
              ))}
            </div>
          </div>
          {rows.length > 0 && (
            <Lines
              rows={rows}
              columns={shown}
              rowId={rowId}
              scroll={scroll}
              selected={bulk && ids}
              selectLabel={t('table.select')}
              onToggle={toggle}
              onOpen={props.onOpen && open}
              more={pages.hasNextPage && !pages.isFetchingNextPage && !pages.isFetchNextPageError ? more : undefined}
              grow={props.grow ?? false}
            />
          )}
        </div>
        {pages.isPending && <Waiting />}
        {isEmpty && pages.isError && <div style={{ padding: '1rem' }}><ProblemBox error={pages.error} retry={() => void pages.refetch()} /></div>}
        {isEmpty && !pages.isPending && !pages.isError && props.empty}
      </div>
      <div className={css.foot}>
        <span aria-live="polite">
          {pages.isFetchNextPageError ? t('table.moreFailed') : t(pages.hasNextPage ? 'table.shownMore' : 'table.shown', { count: rows.length })}
        </span>
        {props.foot}
        {!phone && <ColumnChoice columns={columns} visibility={visibility} onChange={setVisibility} />}
      </div>
      {bulk && selected.length > 0 && (
        <div className={css.bulk} role="toolbar" aria-label={t('table.bulk')}>
          <strong>{t('table.selected', { count: selected.length })}</strong>
          {bulk(selected, () => choose([]))}
        </div>
      )}
    </div>
  );
}

function Waiting() {
  return <div className={css.waiting} aria-busy="true">{Array.from({ length: 12 }, (_, index) => <span key={index} />)}</div>;
}
