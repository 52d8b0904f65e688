import { Skeleton, Tabs } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { useMay } from '@/app/session';
import { EventList } from '@/features/activity/EventList';
import { RecordTable } from '@/features/billing/RecordsView';
import { formatDay, formatInstant, formatMoney, formatPercent } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Facts, Figure, Figures, Page, Panel, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Loaded } from '@/ui/states';
import { CameAs } from '@/features/purchases/CameAs';
import { DocumentActions } from './actions/DocumentActions';
import { DocumentLines } from './DocumentLines';
import { Files, Sheet } from './Files';
import { Findings } from './Findings';
import { useDocument } from './queries';
import { Settlements } from './Settlements';
import { DocumentPill, isMailable, useDocumentName } from './status';

const Mails = lazy(async () => ({ default: (await import('./mails/Mails')).Mails }));

const route = getRouteApi('/_app/invoices/$documentId/');
const TABS = ['summary', 'page', 'mails', 'history'] as const;

/** Everything about one document. */
export function DocumentPage() {
  const { t } = useTranslation();
  const { documentId } = route.useParams();
  return <LoadedPage query={useDocument(documentId)} list={{ link: { to: '/invoices' }, title: t('invoices.title') }}>{(document) => <Screen key={document.id} document={document} />}</LoadedPage>;
}

function Screen({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  const { tab } = route.useSearch();
  const patch = usePatchSearch<{ tab: string }>();
  // What a supplier sent is not drawn as if it were ours.
  const came = document.origin === 'received';
  const tabs = TABS.filter((one) => (one !== 'mails' || isMailable(document)) && (one !== 'page' || !came));
  return (
    <Page
      title={<>{nameOf(document)}<DocumentPill document={document} /></>}
      about={<>{came ? <Link to="/purchases">{t('purchases.title')}</Link> : <Link to="/invoices">{t('invoices.title')}</Link>} · {t(`invoices.kind.${document.kind}`)} · {document.entity} · <Link to="/parties/$partyId" params={{ partyId: document.party_id }}>{document.party_name}</Link></>}
      actions={<DocumentActions document={document} />}
    >
      {document.payment_state && <Standing document={document} />}
      <Tabs value={tabs.find((one) => one === tab) ?? 'summary'} onChange={(chosen) => patch({ tab: chosen === 'summary' ? undefined : (chosen ?? undefined) })}>
        <Tabs.List mb="md">{tabs.map((one) => <Tabs.Tab key={one} value={one}>{t(one === 'mails' ? 'mails.tab' : `invoices.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Split>
          <div>
            <Tabs.Panel value="summary"><Summary document={document} /></Tabs.Panel>
            {!came && <Tabs.Panel value="page"><Sheet document={document} /></Tabs.Panel>}
            {tab === 'mails' && isMailable(document) && <Tabs.Panel value="mails"><Suspense fallback={<Skeleton h={320} radius="md" />}><Mails document={document} /></Suspense></Tabs.Panel>}
            <Tabs.Panel value="history"><History id={document.id} /></Tabs.Panel>
          </div>
          <Known document={document} />
        </Split>
      </Tabs>
    </Page>
  );
}

/** What was settled of it and what is left. */
function Standing({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, document.currency);
  const isNote = document.kind === 'credit_note';
  return (
    <Figures>
      <Figure label={t('invoices.gross')} value={money(document.gross)} note={t('invoices.netOf', { amount: money(document.net) })} />
      <Figure label={t(isNote ? 'invoices.used' : 'invoices.paid')} value={money(document.paid)} />
      {!isNote && <Figure label={t('invoices.credited')} value={money(document.credited)} />}
      <Figure label={t(isNote ? 'invoices.toUse' : 'invoices.balance')} value={money(document.balance)} note={document.days_late ? t('invoices.daysLate', { count: document.days_late }) : undefined} />
      {document.due_on && <Figure label={t('invoices.dueOn')} value={formatDay(document.due_on)} note={document.settled_on ? t('invoices.settledOn', { day: formatDay(document.settled_on) }) : t('invoices.termsDays', { count: document.payment_terms_days })} />}
    </Figures>
  );
}

function Summary({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  return (
    <Stack>
      {document.status === 'draft' && document.direction === 'sale' && <Check document={document} />}
      <DocumentLines document={document} />
      <Settlements document={document} />
      {document.origin === 'leads' && <Panel title={t('invoices.records')} flush><RecordTable search={{ document: document.original_id ?? document.id }} bare /></Panel>}
    </Stack>
  );
}

function Check({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const check = api.useQuery('get', '/api/documents/{id}/check', { params: { path: { id: document.id } } });
  return <Panel title={t('invoices.check.title')}><Loaded query={check} height={60}>{(found) => <Findings check={found} entity={document.entity} party={document.party_id} />}</Loaded></Panel>;
}

function day(on: string | null | undefined): string | undefined {
  return on ? formatDay(on) : undefined;
}

function to(id: string, name: string) {
  return <Link to="/invoices/$documentId" params={{ documentId: id }}>{name}</Link>;
}

function Known({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const may = useMay();
  const nameOf = useDocumentName();
  const share = typeof document.discount === 'object' && 'percent' in document.discount ? formatPercent(document.discount.percent) : undefined;
  return (
    <Stack>
      <Panel title={t('common.details')}>
        <Facts
          facts={[
            [t(document.direction === 'purchase' ? 'purchases.supplier' : 'invoices.customer'), <Link key="party" to="/parties/$partyId" params={{ partyId: document.party_id }}>{document.party_name}</Link>],
            [t('invoices.subject'), document.subject],
            [t('invoices.issueOn'), day(document.issue_on)],
            [t('invoices.dueOn'), day(document.due_on)],
            [t('invoices.validUntil'), document.kind === 'quote' || document.kind === 'pro_forma' ? day(document.valid_until) : undefined],
            [t('invoices.supply'), document.supply_to && (document.supply_from ? t('invoices.fromTo', { from: formatDay(document.supply_from), to: formatDay(document.supply_to) }) : formatDay(document.supply_to))],
            [t('invoices.terms'), t('invoices.termsDays', { count: document.payment_terms_days })],
            [t('invoices.payMethod'), t(`payments.method.${document.payment_method}`)],
            [t('invoices.purchaseOrder'), document.purchase_order],
            [t('invoices.contract'), document.contract],
            [t('invoices.discount'), share && `${share} ${document.discount_reason}`.trim()],
            [t('invoices.origin'), document.origin === 'manual' ? undefined : t(`invoices.from_.${document.origin}`)],
            [t('common.week'), document.week && <Link key="week" to="/billing" search={{ week: document.week }}>{document.week}</Link>],
            [t('invoices.original'), document.original_id && to(document.original_id, document.original_number ?? nameOf({ kind: 'invoice' }))],
            [t('invoices.offer'), document.source_id && to(document.source_id, t('invoices.kind.quote'))],
            [t('invoices.entry'), document.entry_id && may('ledger.view') && <Link key="entry" to="/ledger/entries/$entryId" params={{ entryId: document.entry_id }}>{t('invoices.openEntry')}</Link>],
            [t('invoices.version'), document.version > 1 ? document.version : undefined],
            [t('invoices.rate'), document.rate],
            [t('invoices.issued'), document.issued_at && `${formatInstant(document.issued_at)} · ${document.issued_by ?? ''}`],
            [t('common.created'), `${formatInstant(document.created_at)} · ${document.created_by}`],
          ]}
        />
      </Panel>
      {document.origin === 'received' ? <CameAs document={document} /> : <Files document={document} />}
      {document.notes !== '' && <Panel title={t('invoices.notes')}><div className="quoted">{document.notes}</div></Panel>}
      {document.internal_notes !== '' && <Panel title={t('invoices.internalNotes')}><div className="quoted">{document.internal_notes}</div></Panel>}
    </Stack>
  );
}

function History({ id }: { id: string }) {
  const activity = api.useQuery('get', '/api/documents/{id}/activity', { params: { path: { id }, query: { limit: 100 } } });
  return <Panel><Loaded query={activity}>{(page) => <EventList events={page.items} />}</Loaded></Panel>;
}
