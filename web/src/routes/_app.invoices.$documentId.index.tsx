import { createFileRoute } from '@tanstack/react-router';
import { DocumentPage } from '@/features/invoices/DocumentPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/invoices/$documentId/')({ validateSearch: keepText('tab'), beforeLoad: moneyWords, component: DocumentPage });
