import { Button } from '@mantine/core';
import { IconDownload, IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { saveFile } from '@/lib/save-file';
import { Panel } from '@/ui/layout';
import css from './invoices.module.css';
import { useDocumentName } from './status';

const FORMATS = ['pdf', 'cii', 'ubl'] as const;

function addressOf(document: DocumentDetail): string {
  return `/api/documents/${document.id}/file?format=pdf`;
}

/** The files of a document: its page, and once it is issued its data. */
export function Files({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const nameOf = useDocumentName();
  const [loading, setLoading] = useState<string>();
  const hasData = document.status !== 'draft' && document.kind !== 'quote' && document.kind !== 'pro_forma';
  const download = async (format: (typeof FORMATS)[number]) => {
    setLoading(format);
    try {
      const { data, response } = await client.GET('/api/documents/{id}/file', { params: { path: { id: document.id }, query: { format } }, parseAs: 'blob' });
      if (data) saveFile(data as Blob, response.headers.get('content-disposition'), nameOf(document));
    } catch (error) {
      await onError(error);
    }
    setLoading(undefined);
  };
  return (
    <Panel title={t('invoices.files')}>
      <div className={css.files}>
        <Button variant="default" component="a" href={addressOf(document)} target="_blank" rel="noreferrer" leftSection={<IconExternalLink size={14} aria-hidden />}>{t('invoices.openPdf')}</Button>
        {FORMATS.filter((format) => format === 'pdf' || hasData).map((format) => (
          <Button key={format} variant="default" loading={loading === format} leftSection={<IconDownload size={14} aria-hidden />} onClick={() => void download(format)}>{t(`invoices.format.${format}`)}</Button>
        ))}
      </div>
      {document.pdf_sha256 && <p className={`${css.hash} mono`} title={document.pdf_sha256}>SHA-256 {document.pdf_sha256.slice(0, 16)}…</p>}
    </Panel>
  );
}

/** The page as it is printed, drawn by the browser; where there is no room for it, the way to it. */
export function Sheet({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t(document.status === 'draft' ? 'invoices.sheetDraft' : 'invoices.sheet')} flush>
      {/* oxlint-disable-next-line react/iframe-missing-sandbox -- what browsers show a PDF with does not work in a sandbox */}
      <iframe key={document.updated_at} className={css.sheet} src={`${addressOf(document)}#navpanes=0&view=FitH`} title={t('invoices.sheet')} />
      <p className={css.noPlugin}><a href={addressOf(document)} target="_blank" rel="noreferrer">{t('invoices.openPdf')}</a></p>
    </Panel>
  );
}
