import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { Panel } from '@/ui/layout';

/** The file that a document of a supplier came as, with the way to it. */
export function CameAs({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const found = api.useQuery('get', '/api/incoming-invoices', { params: { query: { entity: document.entity, supplier: document.party_id, status: 'booked', q: document.number ?? '', limit: 20 } } });
  const came = found.data?.items.find((one) => one.document_id === document.id);
  if (!came) return null;
  return (
    <Panel title={t('purchases.file')}>
      <Link to="/purchases/$invoiceId" params={{ invoiceId: came.id }}>{came.file_name === '' ? came.number : came.file_name}</Link>
      <div className="muted">{t(`purchases.format.${came.format as 'cii'}`)} · {formatInstant(came.received_at)}</div>
    </Panel>
  );
}
