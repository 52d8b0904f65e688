import type { TFunction } from 'i18next';
import type { OrderView } from '@/api/schema';
import { formatPercent } from '@/lib/format';

/** The départements of an order in a few words. */
export function departementsText(t: TFunction, { departements }: Pick<OrderView, 'departements'>): string {
  if (departements.includes('*')) return t('orders.everywhere');
  return departements.length <= 4 ? departements.join(', ') : t('orders.manyDepartements', { count: departements.length, first: departements.slice(0, 3).join(', ') });
}

/** A share that the API gives as a decimal of one, `0.20`, in percent. */
export function sharePercent(share: string): string {
  return formatPercent(String(Math.round(Number(share) * 10_000) / 100));
}
