/** What stands behind the question mark of the address of the documents. */
export interface DocumentSearch {
  tab?: string;
  search?: string;
  status?: string;
  kind?: string;
  customer?: string;
  step?: string;
  from?: string;
  to?: string;
}

export const TABS = ['invoices', 'offers', 'all', 'overdue', 'reminders'] as const;
export type DocumentTab = (typeof TABS)[number];

export function tabOf(search: DocumentSearch): DocumentTab {
  return TABS.find((one) => one === search.tab) ?? 'invoices';
}

/** The kinds that a tab shows, to choose among. */
export const KINDS = {
  invoices: ['invoice', 'deposit_invoice', 'credit_note'],
  offers: ['quote', 'pro_forma'],
  all: ['invoice', 'deposit_invoice', 'credit_note', 'quote', 'pro_forma'],
  overdue: [],
  reminders: [],
} as const;

/** The states that a tab shows, to choose among. */
export const STATES = {
  invoices: ['draft', 'sent', 'unpaid', 'partial', 'overdue', 'paid', 'credited'],
  offers: ['draft', 'sent', 'accepted', 'refused', 'expired', 'converted'],
  all: ['draft', 'sent', 'paid', 'overdue', 'accepted', 'refused', 'expired', 'converted'],
  overdue: [],
  reminders: [],
} as const;
