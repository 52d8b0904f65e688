import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerLine, RecordView } from '@/api/schema';
import { useEntityCode } from '@/app/catalogue';
import { DELIVERY_OUTCOMES } from '@/features/deliveries/status';
import { formatDay, formatInstant, formatMoney, formatNumber, formatPercent, formatWeek } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { Facts, Figure, Figures, Page, Panel, Pill, Split } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { RecordPill } from './status';
import { TrackRecord } from './TrackRecord';
import { InvoiceOf } from './WeekTable';

const route = getRouteApi('/_app/billing/records/$recordId');

/** One record: what a buyer owes for a product for a week, and every unit it is the sum of. */
export function RecordPage() {
  const { t } = useTranslation();
  const { recordId } = route.useParams();
  const record = api.useQuery('get', '/api/billing/records/{id}', { params: { path: { id: recordId } } });
  return <LoadedPage query={record} list={{ link: { to: '/billing' }, title: t('billing.title') }}>{(view) => <Screen record={view} />}</LoadedPage>;
}

function Screen({ record }: { record: RecordView }) {
  const { t } = useTranslation();
  const [tracking, setTracking] = useState(false);
  return (
    <Page
      title={<>{record.buyer_name} · {record.product}<RecordPill status={record.status} />{record.pricing_missing && <Pill tone="bad">{t('billing.noPrice')}</Pill>}</>}
      about={<><Link to="/billing" search={{ week: record.week }}>{t('billing.title')}</Link> · {record.entity} · {t('week.label', formatWeek(record.week))}</>}
    >
      <Figures>
        <Figure label={t('billing.units')} value={formatNumber(record.units_sent)} />
        <Figure label={t('billing.billable')} value={formatNumber(record.units_billable)} note={record.units_lb > 0 ? t('billing.ofThemAged', { count: record.units_lb }) : undefined} />
        <Figure label={t('billing.free')} value={formatNumber(record.units_free)} />
        <Figure label={t('billing.invoiced')} value={formatNumber(record.units_invoiced)} />
        <Figure label={t('billing.net')} value={formatMoney(record.net)} />
        <Figure label={t('billing.gross')} value={formatMoney(record.gross)} />
      </Figures>
      <Split>
        <Panel title={t('billing.lines')} flush><Lines id={record.id ?? ''} /></Panel>
        <Panel title={t('common.details')}>
          <Facts
            facts={[
              [t('common.buyer'), <Link key="buyer" to="/buyers/$buyerId" params={{ buyerId: record.buyer_id }}>{record.buyer_name}</Link>],
              [t('common.order'), <Link key="order" to="/orders/$orderId" params={{ orderId: record.order_id }}>{record.product}</Link>],
              [t('billing.mode'), t(`billing.modes.${record.billing_mode}`)],
              [t('billing.pricedBy'), t(`billing.sources.${record.pricing_source}`)],
              [t('billing.unitPrice'), formatMoney(record.unit_price)],
              [t('billing.discount'), formatPercent(record.discount_pct)],
              [t('billing.vatRate'), formatPercent(record.vat_rate)],
              [t('billing.invoice'), <InvoiceOf key="invoice" record={record} onTrack={() => setTracking(true)} />],
              [t('billing.externalGross'), record.external_invoice_ttc && formatMoney(record.external_invoice_ttc)],
              [t('billing.issuedOn'), record.issued_on && formatDay(record.issued_on)],
              [t('billing.dueOn'), record.due_on && formatDay(record.due_on)],
              [t('billing.paidOn'), record.paid_on && formatDay(record.paid_on)],
            ]}
          />
        </Panel>
      </Split>
      {tracking && <TrackRecord record={record} onClose={() => setTracking(false)} />}
    </Page>
  );
}

function Lines({ id }: { id: string }) {
  const { t } = useTranslation();
  const codeOf = useEntityCode();
  const pages = api.useInfiniteQuery('get', '/api/billing/records/{id}/lines', { params: { path: { id }, query: {} } }, BY_CURSOR);
  const columns = useMemo<Column<LedgerLine>[]>(() => {
    const outcome = (text: string) => DELIVERY_OUTCOMES.find((one) => one === text) ?? 'accepted';
    return [
      { id: 'sent', header: t('billing.sentAt'), width: 'minmax(8rem, 1fr)', cell: (line) => <Link to="/deliveries/$deliveryId" params={{ deliveryId: line.delivery_id }}>{formatInstant(line.sent_at)}</Link> },
      { id: 'lead', header: t('common.lead'), width: '5.5rem', cell: (line) => <Link to="/leads/$leadId" params={{ leadId: line.lead_id }}>{t('billing.openLead')}</Link> },
      { id: 'departement', header: t('billing.dept'), width: '4rem', wide: true, cell: (line) => line.departement },
      { id: 'type', header: t('billing.kind'), width: '5rem', wide: true, cell: (line) => t(line.unit_type === 'lb' ? 'billing.aged' : 'billing.fresh') },
      { id: 'source', header: t('billing.owner'), width: '5.5rem', wide: true, cell: (line) => codeOf(line.source_entity_id) },
      { id: 'outcome', header: t('billing.outcome'), width: '8rem', wide: true, cell: (line) => <Pill tone={line.is_billable ? 'good' : 'neutral'}>{t(`deliveries.outcome.${outcome(line.outcome)}`)}</Pill> },
      { id: 'now', header: t('billing.outcomeNow'), width: '8rem', wide: true, hidden: true, cell: (line) => t(`deliveries.outcome.${outcome(line.outcome_now)}`) },
      { id: 'net', header: t('billing.net'), width: '6rem', align: 'end', cell: (line) => formatMoney(line.net) },
    ];
  }, [t, codeOf]);
  return <DataTable name="ledger-lines" label={t('billing.lines')} columns={columns} pages={pages} rowId={(line) => line.delivery_id} grow bare empty={<Empty title={t('billing.nothing')} />} />;
}
