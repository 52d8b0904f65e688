import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '@/api/schema';
import { useMay } from '@/app/session';
import { formatMoney, formatPercent } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import { type Column, onePage } from '@/ui/table/model';
import { ProductDrawer } from './ProductDrawer';
import { useItems, useUnitNames } from './queries';

const route = getRouteApi('/_app/products/');
const NEW = 'new';

interface ProductSearch {
  search?: string;
  active?: string;
  item?: string;
}

/** What is sold, with its price of today. */
export function ProductsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<ProductSearch>();
  const may = useMay();
  const items = useItems();
  const text = search.search?.toLowerCase() ?? '';
  const shown = useMemo(
    () => items.data?.filter((item) => `${item.code} ${item.name} ${item.description}`.toLowerCase().includes(text) && (search.active === undefined || String(item.active) === search.active)),
    [items.data, text, search.active],
  );
  const opened = items.data?.find(({ code }) => code === search.item);
  const create = may('billing.manage') && <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => patch({ item: NEW })}>{t('products.new')}</Button>;
  return (
    <Page fill title={t('products.title')} about={t('products.about')} actions={create}>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('products.search')} value={search.search} onChange={(typed) => patch({ search: typed })} />
        <FilterSelect label={t('common.status')} value={search.active} options={[{ value: 'true', label: t('products.sold') }, { value: 'false', label: t('products.notSold') }]} onChange={(active) => patch({ active })} />
      </Toolbar>
      <DataTable name="products" label={t('products.title')} columns={useColumns()} pages={onePage({ ...items, data: shown })} rowId={(item) => item.id} onOpen={(item) => patch({ item: item.code })} empty={<Empty title={t('products.empty')} action={create}>{t('products.emptyAbout')}</Empty>} />
      {(opened || search.item === NEW) && <ProductDrawer key={search.item} {...(opened && { item: opened })} onClose={() => patch({ item: undefined })} />}
    </Page>
  );
}

function useColumns(): Column<Item>[] {
  const { t } = useTranslation();
  const unit = useUnitNames();
  return useMemo(
    () => [
      { id: 'name', header: t('common.name'), width: 'minmax(10rem, 1.6fr)', cell: (item) => item.name },
      { id: 'code', header: t('products.code'), width: '8rem', cell: (item) => <span className="mono">{item.code}</span> },
      { id: 'kind', header: t('products.kind'), width: '6.5rem', wide: true, cell: (item) => t(`products.kinds.${item.kind}`) },
      { id: 'state', header: t('common.status'), width: '7rem', wide: true, cell: (item) => (item.active ? <Pill tone="good">{t('products.sold')}</Pill> : <Pill>{t('products.notSold')}</Pill>) },
      { id: 'unit', header: t('products.unit'), width: '7rem', wide: true, cell: (item) => unit(item.unit_code) },
      { id: 'vat', header: t('invoices.vat'), width: '5rem', align: 'end', wide: true, cell: (item) => formatPercent(item.vat_rate) },
      { id: 'price', header: t('products.price'), width: '8rem', align: 'end', cell: (item) => (item.sale_price ? formatMoney(item.sale_price, item.currency) : <span className="muted">–</span>) },
    ],
    [t, unit],
  );
}
