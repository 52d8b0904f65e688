import type { LinkProps } from '@tanstack/react-router';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The page of one thing, by its id. */
const PAGES: Readonly<Record<string, (id: string) => LinkProps>> = {
  lead: (leadId) => ({ to: '/leads/$leadId', params: { leadId } }),
  delivery: (deliveryId) => ({ to: '/deliveries/$deliveryId', params: { deliveryId } }),
  client: (buyerId) => ({ to: '/buyers/$buyerId', params: { buyerId } }),
  order: (orderId) => ({ to: '/orders/$orderId', params: { orderId } }),
  document: (documentId) => ({ to: '/invoices/$documentId', params: { documentId } }),
  incoming_invoice: (invoiceId) => ({ to: '/purchases/$invoiceId', params: { invoiceId } }),
  payment: (paymentId) => ({ to: '/payments/$paymentId', params: { paymentId } }),
  party: (partyId) => ({ to: '/parties/$partyId', params: { partyId } }),
  billing_record: (recordId) => ({ to: '/billing/records/$recordId', params: { recordId } }),
  entry: (entryId) => ({ to: '/ledger/entries/$entryId', params: { entryId } }),
  account: (accountId) => ({ to: '/ledger/accounts/$accountId', params: { accountId } }),
  bank_account: (accountId) => ({ to: '/bank/$accountId', params: { accountId } }),
  job: (job) => ({ to: '/operations', search: { tab: 'jobs', job } }),
  audit: (run) => ({ to: '/audit', search: { run } }),
};

/** Where the rest is shown: what has no page of its own, and what is named by a word. */
const PLACES: Readonly<Record<string, (word: string) => LinkProps>> = {
  transfer: () => ({ to: '/intercompany' }),
  provider: () => ({ to: '/providers' }),
  user: () => ({ to: '/users' }),
  entity: () => ({ to: '/settings', search: { tab: 'legal' } }),
  setting: () => ({ to: '/settings' }),
  webhook: () => ({ to: '/settings', search: { tab: 'webhooks' } }),
  job: () => ({ to: '/operations', search: { tab: 'dead' } }),
  worker: () => ({ to: '/operations' }),
  mail: () => ({ to: '/operations', search: { tab: 'mail' } }),
  backup: () => ({ to: '/audit', search: { section: 'backups' } }),
  quarantine: () => ({ to: '/operations', search: { tab: 'quarantine' } }),
  event: () => ({ to: '/activity' }),
  alert: () => ({ to: '/alerts' }),
  alert_rule: () => ({ to: '/alerts', search: { tab: 'rules' } }),
  audit: () => ({ to: '/audit' }),
  check: (check) => ({ to: '/audit', search: { check } }),
};

/** The page of a thing of this kind, or the one that lists it; none when the console shows no such thing. */
export function thingLink(kind: string, subject: string): LinkProps | undefined {
  // What follows a slash tells apart what is one thing to the reader, such as a buyer's units of several products.
  const [id = ''] = subject.split('/');
  return (UUID.test(id) ? PAGES[kind]?.(id) : undefined) ?? PLACES[kind]?.(subject);
}
