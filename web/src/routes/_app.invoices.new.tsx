import { createFileRoute } from '@tanstack/react-router';
import { NewDocumentPage } from '@/features/invoices/editor/NewDocumentPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/invoices/new')({ validateSearch: keepText('kind', 'customer'), beforeLoad: moneyWords, component: NewDocumentPage });
