import { SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { OverviewRow } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { usePatchSearch } from '@/lib/patch-search';
import { FilterSelect } from '@/ui/filters';
import { Page, Panel, Toolbar } from '@/ui/layout';
import { FranceMap } from '@/ui/map';
import { Loaded } from '@/ui/states';
import { WeekPicker } from '@/ui/WeekPicker';
import css from './departements.module.css';
import { PlaceDrawer } from './PlaceDrawer';
import { PlaceTable } from './PlaceTable';
import { type PlaceSearch, useOverview } from './queries';
import { placesOf, SHADES, shade } from './shades';

const route = getRouteApi('/_app/departements');

/** Where leads come from and where they are wanted: as a map and as a table. */
export function DepartementsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const patch = usePatchSearch<PlaceSearch>();
  const overview = useOverview(search);
  const current = useOverview({}).data?.week;
  const by = SHADES.find((one) => one === search.shade) ?? 'produced';
  return (
    <Page title={t('departements.title')} actions={<WeekPicker week={search.week} current={current} onChange={(week) => patch({ week: week === current ? undefined : week })} />}>
      <Toolbar label={t('leads.filters')}>
        <SegmentedControl aria-label={t('departements.shade')} value={by} onChange={(value) => patch({ shade: value })} data={SHADES.map((value) => ({ value, label: t(`departements.by.${value}`) }))} />
        <FilterSelect label={t('common.product')} value={search.product} options={useProducts()} onChange={(product) => patch({ product })} />
      </Toolbar>
      <Loaded query={overview} height={520}>
        {({ rows }) => (
          <div className={css.columns}>
            <Panel><Shaded rows={rows} by={by} onPick={(place) => patch({ place })} picked={search.place} /></Panel>
            <Panel flush><PlaceTable rows={rows} onOpen={(place) => patch({ place })} /></Panel>
          </div>
        )}
      </Loaded>
      {search.place && <PlaceDrawer place={search.place} search={search} onClose={() => patch({ place: undefined })} />}
    </Page>
  );
}

function Shaded({ rows, by, picked, onPick }: { rows: readonly OverviewRow[]; by: (typeof SHADES)[number]; picked: string | undefined; onPick: (code: string) => void }) {
  const { t } = useTranslation();
  const places = placesOf(rows);
  return (
    <>
      <FranceMap label={t('departements.title')} shades={shade(t, places, by)} selected={new Set(picked ? [picked] : [])} onPick={onPick} overseas={places.some((place) => place.departement.length === 3)} />
      <Legend by={by} />
    </>
  );
}

function Legend({ by }: { by: (typeof SHADES)[number] }) {
  const { t } = useTranslation();
  if (by !== 'status') return <div className={css.legend}><span>{t('departements.few')}</span><span className={css.ramp} /><span>{t('departements.many')}</span></div>;
  return (
    <div className={css.legend}>
      {(['on_remaining', 'saturated', 'inactive_blocked', 'no_order'] as const).map((status) => (
        <span key={status} className={css.key} data-status={status}>{t(`departements.status.${status}`)}</span>
      ))}
    </div>
  );
}
