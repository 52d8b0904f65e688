import { api } from '@/api/client';

export interface PlaceSearch {
  product?: string;
  week?: string;
  shade?: string;
  place?: string;
}

export function useOverview({ product, week }: PlaceSearch) {
  return api.useQuery('get', '/api/departements/overview', { params: { query: { ...(product && { product }), ...(week && { week }) } } });
}
