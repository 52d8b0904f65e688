import type { LinkProps } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { StoredEvent } from '@/api/schema';

/** What happened, in words; the action's own name where the catalogue has none. */
export function eventText(t: TFunction, event: Pick<StoredEvent, 'action'>): string {
  return actionText(t, event.action);
}

export function actionText(t: TFunction, action: string): string {
  return t(`activity.action.${action.replace('.', '_')}` as 'activity.action.login', { defaultValue: action.replaceAll(/[_.]/g, ' ') });
}

const MOST_DETAILS = 6;
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The small print: what changed, as far as it is a plain word or figure. */
export function detailText(event: Pick<StoredEvent, 'details'>): string {
  const plain = Object.entries((event.details ?? {}) as Record<string, unknown>).filter(([key, value]) => !key.endsWith('_id') && ['string', 'number', 'boolean'].includes(typeof value) && value !== '' && !UUID.test(String(value)));
  return plain.slice(0, MOST_DETAILS).map(([key, value]) => `${key}: ${String(value)}`).join(' · ');
}

/** The page of what it happened to, where there is one. */
export function subjectLink({ subject_kind: kind, subject_id: id }: Pick<StoredEvent, 'subject_kind' | 'subject_id'>): LinkProps | undefined {
  if (kind === 'lead') return { to: '/leads/$leadId', params: { leadId: id } };
  if (kind === 'delivery') return { to: '/deliveries/$deliveryId', params: { deliveryId: id } };
  if (kind === 'client') return { to: '/buyers/$buyerId', params: { buyerId: id } };
  if (kind === 'order') return { to: '/orders/$orderId', params: { orderId: id } };
  if (kind === 'provider') return { to: '/providers' };
  if (kind === 'user') return { to: '/users' };
  if (kind === 'setting') return { to: '/settings' };
  if (kind === 'job' || kind === 'mail' || kind === 'quarantine') return { to: '/operations' };
  return undefined;
}
