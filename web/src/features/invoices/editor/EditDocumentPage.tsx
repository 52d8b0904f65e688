import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentDetail } from '@/api/schema';
import { Page, Panel } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty } from '@/ui/states';
import { useDocument } from '../queries';
import { useDocumentName } from '../status';
import { Editor } from './Editor';

const route = getRouteApi('/_app/invoices/$documentId/edit');

/** A draft, to be written anew. */
export function EditDocumentPage() {
  const { t } = useTranslation();
  const { documentId } = route.useParams();
  return <LoadedPage query={useDocument(documentId)} list={{ link: { to: '/invoices' }, title: t('invoices.title') }}>{(document) => <Screen key={document.id} document={document} />}</LoadedPage>;
}

function Screen({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  // What was read first is what is changed, whatever is read meanwhile.
  const [first] = useState(document);
  if (first.can.includes('edit')) return <Editor document={first} />;
  return <Page title={nameOf(document)}><Panel><Empty title={t('invoices.editor.locked')} action={<Link to="/invoices/$documentId" params={{ documentId: document.id }}>{nameOf(document)}</Link>}>{t('invoices.editor.lockedAbout')}</Empty></Panel></Page>;
}
