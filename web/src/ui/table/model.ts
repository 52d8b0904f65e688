import { columnVisibilityFeature, type ColumnDef, rowSelectionFeature, tableFeatures } from '@tanstack/react-table';
import type { ReactNode } from 'react';

interface Look {
  /** The width, as a track of a CSS grid. */
  width: string;
  /** Figures stand at the end of their column. */
  align?: 'end';
  /** Left out on a phone. */
  wide?: boolean;
  /** The heading as plain text, for the choice of columns. */
  name: string;
}

export const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature, columnMeta: {} as Look });

export type Columns<T extends object> = ColumnDef<typeof features, T>[];

/** One column of a table. `hidden` until chosen. */
export interface Column<T> extends Omit<Look, 'name'> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  hidden?: boolean;
}

export function toColumns<T extends object>(columns: readonly Column<T>[]): Columns<T> {
  return columns.map(({ id, header, cell, width, align, wide }) => ({
    id,
    header,
    cell: ({ row }) => cell(row.original),
    meta: { width, name: header, ...(align && { align }), ...(wide && { wide }) },
  }));
}

/** What `useInfiniteQuery` gives of a list that is paged by cursor. */
export interface Pages<T> {
  data: { pages: readonly { items: readonly T[] }[] } | undefined;
  error: unknown;
  isPending: boolean;
  isError: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

/** Whole lists, which are short, for the same table. */
export function onePage<T>(query: { data: readonly T[] | undefined; error: unknown; isPending: boolean; isError: boolean; refetch: () => unknown }): Pages<T> {
  return {
    ...query,
    data: query.data && { pages: [{ items: query.data }] },
    hasNextPage: false,
    isFetchingNextPage: false,
    isFetchNextPageError: false,
    fetchNextPage: () => undefined,
  };
}
