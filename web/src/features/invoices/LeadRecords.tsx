import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { formatMoney, formatNumber } from '@/lib/format';
import { Panel } from '@/ui/layout';

/** The records of the leads' ledger that an invoice bills: each opens its deliveries and their leads. */
export function LeadRecords({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const { entity, week, party_id: buyer } = document;
  const records = api.useQuery('get', '/api/billing/records', { params: { query: { entity, buyer, limit: 200, ...(week && { week }) } } }, { enabled: document.origin === 'leads' });
  const own = records.data?.items.filter((record) => record.document_id === document.id) ?? [];
  if (own.length === 0) return null;
  return (
    <Panel title={t('invoices.records')} flush>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('common.product')}</th>
            <th scope="col" className="end">{t('invoices.leadsBilled')}</th>
            <th scope="col" className="end">{t('invoices.net')}</th>
          </tr>
        </thead>
        <tbody>
          {own.map((record) => (
            <tr key={record.id}>
              {/* The page of a record is no part of these routes yet. */}
              <td><Link to={`/billing/records/${record.id}` as '/billing'}>{record.product} · {record.week}</Link></td>
              <td className="end">{formatNumber(record.units_invoiced)}</td>
              <td className="end">{formatMoney(record.net)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
