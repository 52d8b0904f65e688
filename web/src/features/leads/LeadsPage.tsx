import { Button } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { LeadRow } from '@/api/schema';
import { ALL, useScope } from '@/api/scope';
import { useDepartements, useEntityCode, useProducts } from '@/app/catalogue';
import { useMay } from '@/app/session';
import { useBuyerChoices } from '@/features/buyers/queries';
import { formatInstant, formatPhone } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { SavedViews } from '@/ui/SavedViews';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { WeekPicker } from '@/ui/WeekPicker';
import { BulkLeads } from './BulkLeads';
import { exportLeads, useLeadStats, useLeads } from './queries';
import type { LeadSearch } from './search';
import { StatusTabs } from './StatusTabs';
import { reasonText } from './reason';
import { LeadStatusPill } from './status';

const route = getRouteApi('/_app/leads/');

/** Every lead, by state, week and place. */
export function LeadsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<LeadSearch>();
  const navigate = useNavigate();
  const leads = useLeads(search);
  const current = useLeadStats(undefined).data?.week;
  const products = useProducts();
  const departements = useDepartements();
  const columns = useColumns();
  const buyers = useBuyerChoices();
  const may = useMay();
  const entity = useScope();
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page fill title={t('leads.title')} actions={<WeekPicker clearable week={search.week} current={current} onChange={(week) => patch({ week })} />}>
      <StatusTabs status={search.status} week={search.week} onChange={(status) => patch({ status })} />
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('leads.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('common.product')} value={search.product} options={products} onChange={(product) => patch({ product })} />
        <FilterSelect label={t('common.departement')} value={search.departement} options={departements} onChange={(departement) => patch({ departement })} width={190} />
        {may('clients.view') && <FilterSelect label={t('common.buyer')} value={search.buyer} options={buyers} onChange={(buyer) => patch({ buyer })} width={170} />}
        <SearchBox label={t('common.source')} value={search.source} onChange={(source) => patch({ source })} width={130} />
        <SavedViews page="leads" />
        {filtered && <Button variant="subtle" color="gray" onClick={() => void navigate({ to: '/leads', search: {} })}>{t('common.clear')}</Button>}
      </Toolbar>
      <DataTable
        name="leads"
        label={t('leads.title')}
        columns={columns}
        pages={leads}
        rowId={(lead) => lead.id}
        onOpen={(lead) => void navigate({ to: '/leads/$leadId', params: { leadId: lead.id } })}
        foot={<ExportButton name="leads" open={(signal) => exportLeads(search, entity, signal)} />}
        bulk={may('leads.edit_status') || may('leads.delete') ? (rows, clear) => <BulkLeads rows={rows} clear={clear} /> : undefined}
        empty={<Empty title={t('leads.empty')}>{t(filtered ? 'leads.emptyAbout' : 'leads.noneAbout')}</Empty>}
      />
    </Page>
  );
}

function useColumns(): Column<LeadRow>[] {
  const { t } = useTranslation();
  const entity = useEntityCode();
  const several = useScope() === ALL;
  return useMemo(
    () => [
      {
        id: 'person',
        header: t('leads.person'),
        width: 'minmax(9rem, 1.3fr)',
        cell: (lead) => (
          <Link to="/leads/$leadId" params={{ leadId: lead.id }} tabIndex={-1}>
            {[lead.prenom, lead.nom].filter(Boolean).join(' ') || t('leads.nameless')}
          </Link>
        ),
      },
      {
        id: 'phone',
        header: t('common.phone'),
        width: '8.5rem',
        wide: true,
        cell: (lead) => <span className="num" title={t(`leads.quality.${lead.phone_quality}`)}>{formatPhone(lead.phone)}</span>,
      },
      { id: 'status', header: t('common.status'), width: '9rem', cell: (lead) => <LeadStatusPill status={lead.status} /> },
      { id: 'product', header: t('common.product'), width: '4.5rem', wide: true, cell: (lead) => lead.product },
      { id: 'departement', header: t('leads.dept'), width: '4rem', wide: true, cell: (lead) => <span className="num">{lead.departement}</span> },
      { id: 'source', header: t('common.source'), width: 'minmax(6rem, 1fr)', wide: true, cell: (lead) => lead.source },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, hidden: !several, cell: (lead) => entity(lead.entity_id) },
      { id: 'lb', header: t('leads.aged'), width: '3.5rem', wide: true, cell: (lead) => lead.is_lb && <Pill>{t('leads.lbShort')}</Pill> },
      { id: 'email', header: t('common.email'), width: 'minmax(8rem, 1.2fr)', wide: true, hidden: true, cell: (lead) => lead.email },
      { id: 'reason', header: t('common.reason'), width: 'minmax(8rem, 1.2fr)', wide: true, hidden: true, cell: (lead) => reasonText(t, lead.hold_reason ?? lead.routing_reason) },
      { id: 'created', header: t('leads.received'), width: '8rem', wide: true, cell: (lead) => <span className="num">{formatInstant(lead.created_at)}</span> },
    ],
    [t, entity, several],
  );
}
