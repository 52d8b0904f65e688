import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconCash, IconPencil } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PartyView } from '@/api/schema';
import { useEntity, useMay } from '@/app/session';
import { DocumentTable } from '@/features/invoices/DocumentTable';
import { InvoiceFigures } from '@/features/invoices/InvoiceFigures';
import { NewDocument } from '@/features/invoices/NewDocument';
import { PaymentForm } from '@/features/payments/PaymentForm';
import { PaymentTable } from '@/features/payments/PaymentTable';
import { formatInstant, formatPercent, formatPhone } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Facts, Page, Panel, Pill, Split, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Addresses, Contacts } from './Places';
import { PartyForm } from './PartyForm';
import { RolePills } from './PartiesPage';
import { useParty } from './queries';

const route = getRouteApi('/_app/parties/$partyId');
const TABS = ['summary', 'documents', 'payments', 'statement'] as const;

const Statement = lazy(async () => ({ default: (await import('./Statement')).Statement }));

/** Everything about one customer or supplier. */
export function PartyPage() {
  const { t } = useTranslation();
  const { partyId } = route.useParams();
  return <LoadedPage query={useParty(partyId)} list={{ link: { to: '/parties' }, title: t('parties.title') }}>{(party) => <Screen party={party} />}</LoadedPage>;
}

function Screen({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  const { tab, edit } = route.useSearch();
  const patch = usePatchSearch<{ tab: string; edit: string }>();
  const entity = useEntity();
  const may = useMay();
  const [paying, setPaying] = useState(false);
  const off = { disabled: entity === undefined, title: entity === undefined ? t('common.oneEntity') : undefined };
  const mayEdit = party.can.includes('edit');
  return (
    <Page
      title={<>{party.name}<RolePills party={party} /></>}
      about={<><Link to="/parties">{t('parties.title')}</Link> · <span className="mono">{party.code}</span>{party.entity && ` · ${party.entity}`}{party.roles.includes('buyer') && may('clients.view') && <> · <Link to="/buyers/$buyerId" params={{ buyerId: party.id }}>{t('parties.asBuyer')}</Link></>}</>}
      actions={
        <>
          {mayEdit && <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} {...off} onClick={() => patch({ edit: '1' })}>{t('common.edit')}</Button>}
          {may('billing.manage') && <Button variant="default" leftSection={<IconCash size={14} aria-hidden />} {...off} onClick={() => setPaying(true)}>{t('payments.record')}</Button>}
          <NewDocument kind="invoice" party={party.id} />
        </>
      }
    >
      <InvoiceFigures party={party.id} />
      <Tabs keepMounted={false} value={TABS.find((one) => one === tab) ?? 'summary'} onChange={(chosen) => patch({ tab: chosen === 'summary' ? undefined : (chosen ?? undefined) })}>
        <Tabs.List mb="md">{TABS.map((one) => <Tabs.Tab key={one} value={one}>{t(`parties.tabs.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value="summary"><Summary party={party} /></Tabs.Panel>
        <Tabs.Panel value="documents"><Panel flush><DocumentTable search={{ tab: 'all', customer: party.id }} bare /></Panel></Tabs.Panel>
        <Tabs.Panel value="payments"><Panel flush><PaymentTable search={{ customer: party.id }} bare /></Panel></Tabs.Panel>
        <Tabs.Panel value="statement"><Suspense fallback={<Skeleton h={320} radius="md" />}><Statement party={party} /></Suspense></Tabs.Panel>
      </Tabs>
      {edit !== undefined && mayEdit && entity !== undefined && <PartyForm party={party} onClose={() => patch({ edit: undefined })} />}
      {paying && <PaymentForm party={party.id} onClose={() => setPaying(false)} />}
    </Page>
  );
}

function Summary({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  return (
    <Split>
      <Stack>
        <Panel title={t('parties.openInvoices')} flush><DocumentTable search={{ customer: party.id, status: 'open' }} bare /></Panel>
        <Contacts party={party} />
        <Addresses party={party} />
      </Stack>
      <Stack>
        {party.missing.length > 0 && <Missing party={party} />}
        <Known party={party} />
      </Stack>
    </Split>
  );
}

function Missing({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('parties.missingTitle')}>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: '0.375rem' }}>
        {party.missing.map((field) => <Pill key={field} tone="warn">{t(`parties.field.${field as 'siren'}`, { defaultValue: field })}</Pill>)}
      </div>
    </Panel>
  );
}

function Known({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  const usual = api.useQuery('get', '/api/vat-rates', {}, { staleTime: Number.POSITIVE_INFINITY }).data?.find((rate) => rate.is_usual)?.rate;
  const vat = formatPercent(party.vat_rate);
  return (
    <Panel title={t('common.details')}>
      <Facts
        facts={[
          [t('parties.kind'), t(party.is_consumer ? 'parties.person' : 'parties.company')],
          [t('parties.field.legal_name'), party.legal_name],
          [t('parties.field.siren'), party.siren],
          [t('parties.field.siret'), party.siret],
          [t('parties.field.vat_number'), party.vat_number],
          [t('parties.field.registration_number'), party.registration_number],
          [t('parties.billingAddress'), [party.address_line1, party.address_line2, `${party.postal_code} ${party.city}`.trim(), party.country === 'FR' ? '' : party.country].filter((line) => line !== '').join(', ')],
          [t('parties.field.contact_name'), party.contact_name],
          [t('common.email'), party.email && <a key="email" href={`mailto:${party.email}`}>{party.email}</a>],
          [t('common.phone'), party.phone && <a key="phone" href={`tel:${party.phone}`}>{formatPhone(party.phone)}</a>],
          [t('invoices.terms'), t('invoices.termsDays', { count: party.payment_terms_days })],
          [t('parties.field.vat_rate'), Number(party.vat_rate) === Number(usual) ? vat : `${vat} ${t(`invoices.vatReasons.${party.vat_reason as 'export'}`, { defaultValue: party.vat_reason })}`.trim()],
          [t('parties.field.currency'), party.currency],
          [t('parties.field.iban'), party.iban && <span key="iban" className="mono">{party.iban}</span>],
          [t('parties.field.electronic_address'), party.electronic_address],
          [t('common.notes'), party.notes],
          [t('common.created'), formatInstant(party.created_at, 'date')],
        ]}
      />
    </Panel>
  );
}
