import { api } from '@/api/client';
import { useScope } from '@/api/scope';

export function useCockpit(week: string | undefined) {
  return api.useQuery('get', '/api/leads/dashboard-stats', { params: { query: { entity: useScope(), ...(week && { week }) } } });
}
