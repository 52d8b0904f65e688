import { Checkbox, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useTable } from '@tanstack/react-table';
import { type CSSProperties, type ReactNode, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStable } from '@/lib/stable';
import { ProblemBox } from '../states';
import { ColumnChoice } from './ColumnChoice';
import { Lines } from './Lines';
import { type Column, features, type Pages, toColumns } from './model';
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

const NOTHING_SELECTED = {};

/** A list that is paged by cursor: it never counts, and draws only the rows in sight. */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { name, label, columns, pages, rowId, bulk } = props;
  // The same function every time, so that rows are not drawn anew for it.
  const open = useStable(props.onOpen);
  const { t } = useTranslation();
  const phone = useMediaQuery('(max-width: 48em)') ?? false;
  const scroll = useRef<HTMLDivElement>(null);
  const [visibility, setVisibility] = useVisibility(name, columns, phone);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const definitions = useMemo(() => toColumns(columns), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows as T[],
    getRowId: rowId,
    state: { columnVisibility: visibility },
    enableRowSelection: bulk !== undefined,
  });
  const shown = table.getVisibleLeafColumns();
  const tracks = shown.map((column) => column.columnDef.meta?.width ?? '1fr');
  const selected = bulk ? table.getSelectedRowModel().rows.map((row) => row.original) : [];
  const style = { '--columns': [...(bulk ? ['1.25rem'] : []), ...tracks].join(' ') } as CSSProperties;

  return (
    <div className={[css.frame, props.bare && css.bare, props.grow && css.grow].filter(Boolean).join(' ')}>
      <div ref={scroll} className={css.scroll}>
        <div className={css.table} role="grid" aria-label={label} aria-rowcount={-1} aria-multiselectable={bulk !== undefined} style={style}>
          <div className={css.head} role="rowgroup">
            <div className={css.row} role="row">
              {bulk && (
                <span role="columnheader">
                  <Checkbox
                    aria-label={t('table.selectAll')}
                    checked={selected.length > 0 && selected.length === rows.length}
                    indeterminate={selected.length > 0 && selected.length < rows.length}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                </span>
              )}
              {shown.map((column) => (
                <span key={column.id} role="columnheader" className={column.columnDef.meta?.align ? `${css.cell} ${css.end}` : css.cell}>
                  {column.columnDef.meta?.name}
                </span>
              ))}
            </div>
          </div>
          {rows.length > 0 && (
            <Lines table={table} scroll={scroll} pages={pages} selectable={bulk !== undefined} onOpen={props.onOpen && open} grow={props.grow ?? false} />
          )}
        </div>
        {pages.isPending && <Waiting />}
        {pages.isError && rows.length === 0 && <div style={{ padding: '1rem' }}><ProblemBox error={pages.error} retry={() => void pages.refetch()} /></div>}
        {!pages.isPending && !pages.isError && rows.length === 0 && props.empty}
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
          {bulk(selected, () => table.setRowSelection(NOTHING_SELECTED))}
        </div>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div aria-busy="true" style={{ padding: '0.5rem 1rem', display: 'grid', gap: '0.875rem' }}>
      {Array.from({ length: 12 }, (_, index) => <Skeleton key={index} h={22} />)}
    </div>
  );
}

