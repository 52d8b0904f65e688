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

/** Who did it; what the service does by itself has no name that means anything to people. */
export function actorText(t: TFunction, event: Pick<StoredEvent, 'actor_kind' | 'actor_name'>): string {
  return event.actor_kind === 'system' ? t(`activity.system.${event.actor_name.replaceAll(' ', '_')}` as 'activity.system.worker', { defaultValue: event.actor_name }) : event.actor_name;
}

/** The page of what it happened to, where there is one. */
export function subjectLink({ subject_kind: kind, subject_id: id }: Pick<StoredEvent, 'subject_kind' | 'subject_id'>): LinkProps | undefined {
  if (kind === 'lead') return { to: '/leads/$leadId', params: { leadId: id } };
  if (kind === 'delivery') return { to: '/deliveries/$deliveryId', params: { deliveryId: id } };
  if (kind === 'client') return { to: '/buyers/$buyerId', params: { buyerId: id } };
  if (kind === 'order') return { to: '/orders/$orderId', params: { orderId: id } };
  if (kind === 'document') return { to: '/invoices/$documentId', params: { documentId: id } };
  if (kind === 'incoming_invoice') return { to: '/purchases/$invoiceId', params: { invoiceId: id } };
  if (kind === 'payment') return { to: '/payments/$paymentId', params: { paymentId: id } };
  if (kind === 'party') return { to: '/parties/$partyId', params: { partyId: id } };
  if (kind === 'billing_record') return { to: '/billing/records/$recordId', params: { recordId: id } };
  if (kind === 'entry') return { to: '/ledger/entries/$entryId', params: { entryId: id } };
  if (kind === 'account') return { to: '/ledger/accounts/$accountId', params: { accountId: id } };
  if (kind === 'bank_account') return { to: '/bank/$accountId', params: { accountId: id } };
  if (kind === 'transfer') return { to: '/intercompany' };
  if (kind === 'provider') return { to: '/providers' };
  if (kind === 'user') return { to: '/users' };
  if (kind === 'setting') return { to: '/settings' };
  if (kind === 'job' || kind === 'mail' || kind === 'quarantine') return { to: '/operations' };
  return undefined;
}
