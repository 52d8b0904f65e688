import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatBytes } from '@/lib/format';
import { saveFile } from '@/lib/save-file';
import { Panel } from '@/ui/layout';
import invoices from '@/features/invoices/invoices.module.css';

/** The file as it came. A stranger's file is saved, and never shown as a page of ours. */
export function PurchaseFile({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const [loading, setLoading] = useState(false);
  const download = async () => {
    setLoading(true);
    try {
      const { data, response } = await client.GET('/api/incoming-invoices/{id}/file', { params: { path: { id: invoice.id } }, parseAs: 'blob' });
      if (data) saveFile(data as Blob, response.headers.get('content-disposition'), invoice.file_name);
    } catch (error) {
      await onError(error);
    }
    setLoading(false);
  };
  return (
    <Panel title={t('purchases.file')}>
      <Button variant="default" loading={loading} leftSection={<IconDownload size={14} aria-hidden />} onClick={() => void download()}>{t('purchases.download', { format: t(`purchases.format.${invoice.format as 'cii'}`) })}</Button>
      <p className={invoices.hash}>{invoice.file_name} · {formatBytes(invoice.size)}</p>
      <p className={`${invoices.hash} mono`} title={invoice.sha256}>SHA-256 {invoice.sha256.slice(0, 16)}…</p>
    </Panel>
  );
}
