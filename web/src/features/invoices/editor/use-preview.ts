import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import type { DocumentPreview } from '@/api/schema';
import { type EditorValues, toPreview } from './model';

const TYPING_MS = 300;

/** What the service makes of what is typed, once one pauses. */
export function usePreview(values: EditorValues, entity: string | undefined, document: string | undefined): { preview: DocumentPreview | undefined; places: number[]; error: unknown; isStale: boolean } {
  const [settled] = useDebouncedValue(values, TYPING_MS);
  const { body, places } = useMemo(() => toPreview(settled, entity), [settled, entity]);
  const query = api.useQuery(
    'post',
    '/api/documents/preview',
    { params: { query: { ...(document !== undefined && { document }) } }, body },
    { enabled: settled.party_id !== '' && (entity !== undefined || document !== undefined), placeholderData: keepPreviousData, retry: false, staleTime: Number.POSITIVE_INFINITY },
  );
  return { preview: settled.party_id === '' ? undefined : query.data, places, error: query.error, isStale: settled !== values || query.isFetching || query.isError };
}
