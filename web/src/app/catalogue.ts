import { useCallback, useMemo } from 'react';
import { api } from '@/api/client';
import { useWho } from './session';

/** The products that are sold, from the catalogue (L-62). */
export function useProducts(): { value: string; label: string }[] {
  const products = api.useQuery('get', '/api/products', {}, { staleTime: 10 * 60_000 });
  return useMemo(() => (products.data ?? []).filter((item) => item.active).map((item) => ({ value: item.code, label: `${item.code} · ${item.name}` })), [products.data]);
}

/** The départements in force, with their names. */
export function useDepartements(): { value: string; label: string }[] {
  const all = api.useQuery('get', '/api/commandes/departements', {}, { staleTime: 60 * 60_000 });
  return useMemo(() => (all.data ?? []).map((one) => ({ value: one.code, label: `${one.code} ${one.name}` })), [all.data]);
}

/** The code of an entity, by its id; a dash for one out of sight. */
export function useEntityCode(): (id: string | null | undefined) => string {
  const { entities } = useWho();
  return useCallback((id) => entities.find((entity) => entity.id === id)?.code ?? '–', [entities]);
}
