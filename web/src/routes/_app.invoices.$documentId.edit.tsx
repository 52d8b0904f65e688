import { createFileRoute } from '@tanstack/react-router';
import { EditDocumentPage } from '@/features/invoices/editor/EditDocumentPage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/invoices/$documentId/edit')({ beforeLoad: moneyWords, component: EditDocumentPage });
