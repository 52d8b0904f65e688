import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

/** Which lists of the API show what: the paths that begin so are read again when the topic changes. */
const SHOWN_IN: Record<string, readonly string[]> = {
  lead: ['/api/leads', '/api/departements', '/api/notifications'],
  delivery: ['/api/deliveries', '/api/leads', '/api/commandes', '/api/clients', '/api/departements', '/api/notifications', '/api/billing'],
  delivery_batch: ['/api/deliveries', '/api/leads', '/api/commandes', '/api/clients', '/api/notifications'],
  client: ['/api/clients', '/api/commandes', '/api/parties'],
  party: ['/api/parties', '/api/clients'],
  order: ['/api/commandes', '/api/clients', '/api/leads/dashboard-stats', '/api/departements'],
  provider: ['/api/providers'],
  user: ['/api/auth'],
  setting: ['/api/settings', '/api/calendar', '/api/products', '/api/billing/numbering', '/api/intercompany/terms'],
  job: ['/api/operations', '/api/system/health', '/api/notifications'],
  mail: ['/api/operations/mail', '/api/notifications'],
  quarantine: ['/api/quarantine'],
  view: ['/api/views'],
  alert: ['/api/alerts', '/api/notifications'],
  alert_rule: ['/api/alert-rules', '/api/notifications'],
  audit: ['/api/audit', '/api/notifications'],
  webhook: ['/api/webhooks', '/api/notifications'],
  product: ['/api/products'],
  entity: ['/api/auth/me', '/api/entities'],
  entry: ['/api/ledger'],
  lettering: ['/api/ledger'],
  period_lock: ['/api/ledger'],
  fiscal_year: ['/api/ledger'],
  exchange_rate: ['/api/ledger'],
  account: ['/api/ledger'],
  book: ['/api/ledger'],
  incoming_invoice: ['/api/incoming-invoices', '/api/documents', '/api/ledger'],
  billing_record: ['/api/billing'],
  credit_candidate: ['/api/billing'],
  transfer: ['/api/intercompany', '/api/billing/week'],
  document: ['/api/documents', '/api/invoices', '/api/reminders', '/api/billing', '/api/intercompany', '/api/ledger', '/api/bank'],
  reminder: ['/api/reminders', '/api/documents', '/api/invoices'],
  payment: ['/api/payments', '/api/documents', '/api/invoices', '/api/incoming-invoices', '/api/reminders', '/api/ledger', '/api/bank'],
  bank_account: ['/api/bank'],
  bank_line: ['/api/bank'],
  bank_statement: ['/api/bank'],
};

/** What a topic without a list of its own is shown in. */
const ELSEWHERE = ['/api/event-log', '/api/notifications'];

/** Changes that come in a burst are read once. */
const GATHER_MS = 400;

/** How long to wait before asking again when the service refused the stream. */
const REFUSED_MS = 5000;

let live = true;
const listeners = new Set<() => void>();

function tell(now: boolean): void {
  if (live === now) return;
  live = now;
  for (const listener of listeners) listener();
}

/** Whether what is on screen follows what happens: false while the stream is broken. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );
}

/** Reads again what the service says has changed, as long as the page is open. */
export function useLive(): void {
  const queries = useQueryClient();
  useEffect(() => follow(queries), [queries]);
}

function follow(queries: QueryClient): () => void {
  const changed = new Set<string>();
  let stream: EventSource | undefined;
  let reading: ReturnType<typeof setTimeout> | undefined;
  let opening: ReturnType<typeof setTimeout> | undefined;
  let greeted = false;

  const readAgain = () => {
    reading = undefined;
    const paths = [...changed].flatMap((topic) => SHOWN_IN[topic] ?? ELSEWHERE).concat('/api/event-log');
    changed.clear();
    void queries.invalidateQueries({ predicate: ({ queryKey: [, path] }) => typeof path === 'string' && paths.some((root) => path.startsWith(root)) });
  };
  const open = () => {
    stream = new EventSource('/api/live');
    stream.addEventListener('change', (event) => {
      for (const topic of (JSON.parse(event.data) as { topics: string[] }).topics) changed.add(topic);
      reading ??= setTimeout(readAgain, GATHER_MS);
    });
    stream.addEventListener('refresh', () => void queries.invalidateQueries());
    stream.addEventListener('hello', () => {
      tell(true);
      // What happened while the stream was broken was not told.
      if (greeted) void queries.invalidateQueries();
      greeted = true;
    });
    stream.addEventListener('error', () => {
      tell(false);
      // The browser connects again by itself unless the service refused.
      if (stream?.readyState === EventSource.CLOSED) opening = setTimeout(open, REFUSED_MS);
    });
  };
  open();
  return () => {
    clearTimeout(reading);
    clearTimeout(opening);
    stream?.close();
  };
}
