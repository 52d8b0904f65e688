import { Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Detail } from '@/api/schema';
import { formatNumber, formatWeekShort } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { Pill } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { Empty, Loaded } from '@/ui/states';
import { CoveragePill } from './PlaceTable';
import type { PlaceSearch } from './queries';

/** One département: eight weeks, its products, and who buys there. */
export function PlaceDrawer({ place, search, onClose }: { place: string; search: PlaceSearch; onClose: () => void }) {
  const { t } = useTranslation();
  const query = { ...(search.product && { product: search.product }), ...(search.week && { week: search.week }) };
  const detail = api.useQuery('get', '/api/departements/{dept}/detail', { params: { path: { dept: place }, query } });
  return (
    <Side onClose={onClose} title={detail.data ? `${place} ${detail.data.name} · ${detail.data.region}` : place}>
      <Loaded query={detail} height={420}>{(data) => <Body detail={data} empty={t('departements.nobody')} />}</Loaded>
    </Side>
  );
}

function Body({ detail, empty }: { detail: Detail; empty: string }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <WeekBars
        stacked
        height={200}
        label={t('departements.weeks')}
        rows={detail.weeks.map((row) => ({ label: formatWeekShort(row.week), billable: row.billable, other: Math.max(0, row.produced - row.billable) }))}
        series={[{ name: 'billable', label: t('departements.by.billable'), tone: 'accent' }, { name: 'other', label: t('departements.notBillable'), tone: 'line-strong' }]}
      />
      <table className="plain">
        <thead><tr><th>{t('common.product')}</th><th className="end">{t('departements.by.produced')}</th><th className="end">{t('departements.by.billable')}</th><th>{t('common.status')}</th></tr></thead>
        <tbody>
          {detail.products.map((row) => (
            <tr key={row.product}>
              <td><Link to="/leads" search={{ departement: detail.departement, product: row.product }}>{row.product}</Link></td>
              <td className="end">{formatNumber(row.produced)}</td>
              <td className="end">{formatNumber(row.billable)}</td>
              <td><CoveragePill status={row.status} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3 style={{ margin: 0 }}>{t('departements.buyers')}</h3>
      {detail.buyers.length === 0 ? <Empty title={empty} /> : (
        <table className="plain">
          <thead><tr><th>{t('common.buyer')}</th><th>{t('common.product')}</th><th>{t('common.entity')}</th><th className="end">{t('orders.quota')}</th><th className="end">{t('departements.by.billable')}</th></tr></thead>
          <tbody>
            {detail.buyers.map((row) => (
              <tr key={row.order_id}>
                <td><Link to="/orders/$orderId" params={{ orderId: row.order_id }}>{row.buyer_name}</Link> {!row.active && <Pill>{t('orders.pausedState')}</Pill>}</td>
                <td>{row.product}</td>
                <td>{row.entity}</td>
                <td className="end">{row.quota === 0 ? '∞' : formatNumber(row.quota)}</td>
                <td className="end">{formatNumber(row.billable)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Stack>
  );
}
