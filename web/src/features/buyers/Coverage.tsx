import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView, CoveredDepartement } from '@/api/schema';
import { useProducts } from '@/app/catalogue';
import { formatNumber } from '@/lib/format';
import { FilterSelect } from '@/ui/filters';
import { Panel, Split } from '@/ui/layout';
import { FranceMap, type Shade } from '@/ui/map';
import { step } from '@/ui/map/step';
import { Empty, Loaded } from '@/ui/states';

/** Where a buyer buys, and how much it had there this week. */
export function Coverage({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const [product, setProduct] = useState<string>();
  const products = useProducts();
  const coverage = api.useQuery('get', '/api/clients/{id}/coverage', { params: { path: { id: buyer.id }, query: product ? { product } : {} } });
  return (
    <Loaded query={coverage} height={420}>
      {({ departements }) => (
        <Split>
          <Panel title={t('buyers.tabs.coverage')} actions={<FilterSelect label={t('common.product')} value={product} options={products} onChange={setProduct} />}>
            <FranceMap label={t('buyers.tabs.coverage')} shades={shades(departements, t('buyers.leads'))} />
          </Panel>
          <Panel title={t('nav.departements')} flush><Places rows={departements} /></Panel>
        </Split>
      )}
    </Loaded>
  );
}

function shades(rows: readonly CoveredDepartement[], word: string): Map<string, Shade> {
  const largest = Math.max(...rows.map((row) => row.delivered), 1);
  // Covered is already a shade, without a lead too.
  return new Map(rows.map((row) => [row.departement, { level: Math.max(1, step(row.delivered, largest)) as Shade['level'], text: `${formatNumber(row.delivered)} ${word}` }]));
}

function Places({ rows }: { rows: readonly CoveredDepartement[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('buyers.noCoverage')} />;
  const served = rows.toSorted((one, other) => other.delivered - one.delivered).slice(0, 12);
  return (
    <table className="plain">
      <thead><tr><th>{t('common.departement')}</th><th className="end">{t('buyers.thisWeek')}</th></tr></thead>
      <tbody>{served.map((row) => <tr key={row.departement}><td>{row.departement} {row.name}</td><td className="end">{formatNumber(row.delivered)}</td></tr>)}</tbody>
    </table>
  );
}
