import type { DeliveryOutcome, DeliveryStatus } from '@/api/schema';
import { keepText } from '@/lib/search';
import { DELIVERY_OUTCOMES, DELIVERY_STATUSES } from './status';

/** The filters of the list, as they stand in the address. */
export interface DeliverySearch {
  view?: 'board';
  status?: DeliveryStatus;
  outcome?: DeliveryOutcome;
  product?: string;
  buyer?: string;
  order?: string;
  week?: string;
}

const texts = keepText('product', 'buyer', 'order', 'week');

export function readDeliverySearch(search: Record<string, unknown>): DeliverySearch {
  const status = DELIVERY_STATUSES.find((known) => known === search.status);
  const outcome = DELIVERY_OUTCOMES.find((known) => known === search.outcome);
  return { ...texts(search), ...(search.view === 'board' && { view: 'board' }), ...(status && { status }), ...(outcome && { outcome }) };
}
