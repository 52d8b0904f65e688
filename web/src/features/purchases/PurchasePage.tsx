import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { Facts, Figure, Figures, Page, Panel, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Findings } from './Findings';
import { PurchaseActions } from './PurchaseActions';
import { PurchaseFile } from './PurchaseFile';
import { PurchaseLines } from './PurchaseLines';
import { usePurchase } from './queries';
import { isCredit, PurchasePill } from './status';
import { Supplier } from './Supplier';
import { Paying, Who } from './Who';

const route = getRouteApi('/_app/purchases/$invoiceId');

/** Everything about one supplier's invoice. */
export function PurchasePage() {
  const { t } = useTranslation();
  const { invoiceId } = route.useParams();
  return <LoadedPage query={usePurchase(invoiceId)} list={{ link: { to: '/purchases' }, title: t('purchases.title') }}>{(invoice) => <Screen key={invoice.id} invoice={invoice} />}</LoadedPage>;
}

function Screen({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  return (
    <Page
      title={<>{invoice.number}<PurchasePill invoice={invoice} /></>}
      about={<><Link to="/purchases">{t('purchases.title')}</Link> · {t(`purchases.kind.${invoice.kind as 'invoice'}`)} · {invoice.entity} · <Seller invoice={invoice} /></>}
      actions={<PurchaseActions invoice={invoice} />}
    >
      <Standing invoice={invoice} />
      <Split>
        <Stack>
          {invoice.status === 'refused' && <Panel title={t('purchases.refusedFor')}><div className="quoted">{invoice.refusal_reason}</div></Panel>}
          <Findings invoice={invoice} />
          {invoice.can.includes('set_supplier') && <Supplier invoice={invoice} />}
          <PurchaseLines invoice={invoice} />
          {invoice.notes.length > 0 && <Panel title={t('common.notes')}><div className="quoted">{invoice.notes.join('\n\n')}</div></Panel>}
        </Stack>
        <Stack>
          <Known invoice={invoice} />
          <Who invoice={invoice} />
          <Paying invoice={invoice} />
          <PurchaseFile invoice={invoice} />
        </Stack>
      </Split>
    </Page>
  );
}

function Seller({ invoice }: { invoice: IncomingInvoiceDetail }) {
  if (!invoice.party_id) return <>{invoice.seller_name}</>;
  return <Link to="/parties/$partyId" params={{ partyId: invoice.party_id }}>{invoice.party_name}</Link>;
}

/** What it amounts to, and what is left to pay: as the seller says, and once it is booked as the books say. */
function Standing({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, invoice.currency);
  const document = invoice.document_id && { to: '/invoices/$documentId' as const, params: { documentId: invoice.document_id } };
  return (
    <Figures>
      <Figure label={t('invoices.gross')} value={money(invoice.gross)} note={t('invoices.netOf', { amount: money(invoice.net) })} {...(document && { to: document })} />
      <Figure label={t('invoices.vat')} value={money(invoice.vat)} />
      {document && invoice.open && !isCredit(invoice)
        ? <Figure label={t('purchases.open')} value={money(invoice.open)} note={t('purchases.openInBooks')} to={document} />
        : <Figure label={t(isCredit(invoice) ? 'purchases.toGetBack' : 'purchases.toPay')} value={money(invoice.due)} note={t('purchases.saysSeller')} />}
      {invoice.due_on && <Figure label={t('invoices.dueOn')} value={formatDay(invoice.due_on)} />}
    </Figures>
  );
}

function done(at: string | null | undefined, by: string | null | undefined): string | undefined {
  return at ? `${formatInstant(at)} · ${by ?? ''}` : undefined;
}

function Known({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('common.details')}>
      <Facts
        facts={[
          [t('purchases.supplier'), invoice.party_id && <Seller key="seller" invoice={invoice} />],
          [t('purchases.document'), invoice.document_id && <Link key="document" to="/invoices/$documentId" params={{ documentId: invoice.document_id }}>{invoice.number}</Link>],
          [t('purchases.issueOn'), formatDay(invoice.issue_on)],
          [t('invoices.dueOn'), invoice.due_on && formatDay(invoice.due_on)],
          [t('purchases.order'), invoice.purchase_order],
          [t('purchases.preceding'), invoice.preceding.join(', ')],
          [t('purchases.received'), done(invoice.received_at, invoice.received_by)],
          [t('purchases.state.approved'), done(invoice.approved_at, invoice.approved_by)],
          [t('purchases.state.refused'), done(invoice.refused_at, invoice.refused_by)],
          [t('purchases.state.booked'), done(invoice.booked_at, invoice.booked_by)],
        ]}
      />
    </Panel>
  );
}
