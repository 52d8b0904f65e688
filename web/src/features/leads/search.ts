import type { LeadStatus } from '@/api/schema';
import { keepText } from '@/lib/search';
import { LEAD_STATUSES } from './status';

/** The filters of the list, as they stand in the address. */
export interface LeadSearch {
  status?: LeadStatus;
  product?: string;
  source?: string;
  departement?: string;
  buyer?: string;
  search?: string;
  week?: string;
}

const texts = keepText('product', 'source', 'departement', 'buyer', 'search', 'week');

export function readLeadSearch(search: Record<string, unknown>): LeadSearch {
  const status = LEAD_STATUSES.find((known) => known === search.status);
  return { ...texts(search), ...(status && { status }) };
}
