import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PartyView } from '@/api/schema';
import { useEntity, useMay } from '@/app/session';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { PartyForm } from './PartyForm';
import { type PartySearch, useParties } from './queries';

const route = getRouteApi('/_app/parties/');

/** Everybody who buys from this house or sells to it. */
export function PartiesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<PartySearch>();
  const navigate = useNavigate();
  const may = useMay();
  const entity = useEntity();
  const [creating, setCreating] = useState(false);
  const open = (party: PartyView) => void navigate({ to: '/parties/$partyId', params: { partyId: party.id } });
  const create = may('clients.create') && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} disabled={entity === undefined} title={entity === undefined ? t('common.oneEntity') : undefined} onClick={() => setCreating(true)}>{t('parties.new')}</Button>
  );
  return (
    <Page fill title={t('parties.title')} actions={create}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('parties.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('parties.roleLabel')} value={search.role} options={(['customer', 'buyer', 'supplier'] as const).map((role) => ({ value: role, label: t(`parties.role.${role}`) }))} onChange={(role) => patch({ role })} />
        <FilterSelect label={t('common.archived')} value={search.archived} options={[{ value: 'true', label: t('parties.withArchived') }]} onChange={(archived) => patch({ archived })} />
      </Toolbar>
      <DataTable name="parties" label={t('parties.title')} columns={useColumns()} pages={useParties(search)} rowId={(party) => party.id} onOpen={open} empty={<Empty title={t('parties.empty')} action={create}>{t('parties.emptyAbout')}</Empty>} />
      {creating && <PartyForm onClose={() => setCreating(false)} onSaved={open} />}
    </Page>
  );
}

export function RolePills({ party }: { party: Pick<PartyView, 'roles' | 'archived_at'> }) {
  const { t } = useTranslation();
  return (
    <span style={{ display: 'inline-flex', gap: '0.25rem' }}>
      {party.roles.map((role) => <Pill key={role} tone={role === 'supplier' ? 'violet' : role === 'buyer' ? 'info' : 'good'}>{t(`parties.role.${role}`)}</Pill>)}
      {party.archived_at && <Pill>{t('common.archived')}</Pill>}
    </span>
  );
}

function useColumns(): Column<PartyView>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: 'name', header: t('common.name'), width: 'minmax(10rem, 1.5fr)', cell: (party) => <Link to="/parties/$partyId" params={{ partyId: party.id }} tabIndex={-1}>{party.name}</Link> },
      { id: 'code', header: t('parties.code'), width: '6.5rem', cell: (party) => <span className="mono">{party.code}</span> },
      { id: 'roles', header: t('parties.roleLabel'), width: '10rem', wide: true, cell: (party) => <RolePills party={party} /> },
      { id: 'siren', header: t('parties.field.siren'), width: '7rem', wide: true, cell: (party) => <span className="num">{party.siren}</span> },
      { id: 'city', header: t('parties.field.city'), width: 'minmax(6rem, 1fr)', wide: true, cell: (party) => [party.postal_code, party.city].join(' ').trim() },
      { id: 'email', header: t('common.email'), width: 'minmax(8rem, 1.3fr)', wide: true, cell: (party) => party.email },
      { id: 'terms', header: t('parties.terms'), width: '5.5rem', align: 'end', wide: true, cell: (party) => t('parties.days', { count: party.payment_terms_days }) },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', wide: true, hidden: true, cell: (party) => party.entity },
      { id: 'missing', header: t('parties.forInvoices'), width: '6.5rem', wide: true, cell: (party) => (party.missing.length === 0 ? <Pill tone="good">{t('parties.complete')}</Pill> : <Pill tone="warn">{t('parties.missing', { count: party.missing.length })}</Pill>) },
    ],
    [t],
  );
}
