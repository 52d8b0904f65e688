import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Period } from '@/features/invoices/Period';
import { CustomerFilter } from '@/features/parties/CustomerFilter';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Toolbar } from '@/ui/layout';
import { Arrivals, DropAnywhere, ReceiveButton } from './Receive';
import { PurchaseTable } from './PurchaseTable';
import { type PurchaseSearch, STATUSES } from './queries';
import { useReceive } from './use-receive';

const route = getRouteApi('/_app/purchases/');

/** Suppliers' electronic invoices: taken in by button or by dropping a file, and what became of each. */
export function PurchasesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<PurchaseSearch>();
  const receive = useReceive();
  const button = receive.may && <ReceiveButton receive={receive} />;
  return (
    <Page fill title={t('purchases.title')} actions={button}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('purchases.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <CustomerFilter label={t('purchases.supplier')} of="supplier" value={search.supplier} onChange={(supplier) => patch({ supplier })} />
        <FilterSelect label={t('common.status')} value={search.status} options={STATUSES.map((status) => ({ value: status, label: t(`purchases.state.${status}`) }))} onChange={(status) => patch({ status })} />
        <Period label={t('invoices.period')} from={search.from} to={search.to} onChange={patch} />
      </Toolbar>
      <Arrivals receive={receive} />
      <PurchaseTable search={search} action={button} />
      <DropAnywhere receive={receive} />
    </Page>
  );
}
