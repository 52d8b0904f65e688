import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BuyerView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useEntity, useMay } from '@/app/session';
import { formatNumber } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { BuyerForm } from './BuyerForm';
import { DeliverablePill } from './DeliverablePill';
import { type BuyerSearch, exportBuyers, useBuyers } from './queries';

const route = getRouteApi('/_app/buyers/');

/** Every buyer, whether it can be delivered to, and what it has had this week. */
export function BuyersPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<BuyerSearch>();
  const navigate = useNavigate();
  const may = useMay();
  const entity = useEntity();
  const [creating, setCreating] = useState(false);
  const buyers = useBuyers(search);
  const scope = useScope();
  const create = may('clients.create') && (
    <Button leftSection={<IconPlus size={14} />} disabled={!entity} title={entity ? undefined : t('common.oneEntity')} onClick={() => setCreating(true)}>{t('buyers.new')}</Button>
  );
  return (
    <Page fill title={t('buyers.title')} actions={create}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('buyers.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('buyers.state')} value={search.active} options={[{ value: 'true', label: t('common.active') }, { value: 'false', label: t('common.inactive') }]} onChange={(active) => patch({ active })} />
      </Toolbar>
      <DataTable
        name="buyers"
        label={t('buyers.title')}
        columns={useColumns()}
        pages={buyers}
        rowId={(buyer) => buyer.id}
        onOpen={(buyer) => void navigate({ to: '/buyers/$buyerId', params: { buyerId: buyer.id } })}
        foot={<ExportButton name="clients" open={(signal) => exportBuyers(search, scope, signal)} />}
        empty={<Empty title={t('buyers.empty')} action={create}>{t('buyers.emptyAbout')}</Empty>}
      />
      {creating && <BuyerForm onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useColumns(): Column<BuyerView>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: 'name', header: t('common.name'), width: 'minmax(10rem, 1.4fr)', cell: (buyer) => <Link to="/buyers/$buyerId" params={{ buyerId: buyer.id }} tabIndex={-1}>{buyer.name}</Link> },
      { id: 'deliverable', header: t('buyers.deliverable'), width: '9rem', cell: (buyer) => <DeliverablePill buyer={buyer} /> },
      { id: 'entity', header: t('common.entity'), width: '4rem', wide: true, cell: (buyer) => buyer.entity },
      { id: 'email', header: t('common.email'), width: 'minmax(9rem, 1.4fr)', wide: true, cell: (buyer) => buyer.email },
      { id: 'auto', header: t('buyers.autoSend'), width: '6.5rem', wide: true, cell: (buyer) => (buyer.auto_send_enabled ? t('common.yes') : <Pill tone="violet">{t('buyers.manual')}</Pill>) },
      { id: 'client', header: t('buyers.relation'), width: '6.5rem', wide: true, cell: (buyer) => <RelationPill buyer={buyer} /> },
      { id: 'week', header: t('buyers.thisWeek'), width: '6rem', align: 'end', cell: (buyer) => formatNumber(buyer.leads_this_week) },
      { id: 'total', header: t('buyers.received'), width: '6rem', align: 'end', wide: true, cell: (buyer) => formatNumber(buyer.total_leads_received) },
    ],
    [t],
  );
}

function RelationPill({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const status = buyer.crm.client_status;
  if (status === 'Normal') return null;
  return <Pill tone={status === 'Blocked' ? 'bad' : status === 'Watchlist' ? 'warn' : 'info'}>{t(`buyers.clientStatus.${status}`)}</Pill>;
}
