import type { ReactNode } from 'react';

/** One column of a table. */
export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** The width, as a track of a CSS grid. */
  width: string;
  /** Figures stand at the end of their column. */
  align?: 'end';
  /** Left out on a phone. */
  wide?: boolean;
  /** Left out until it is chosen. */
  hidden?: boolean;
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
