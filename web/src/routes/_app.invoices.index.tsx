import { createFileRoute } from '@tanstack/react-router';
import { InvoicesPage } from '@/features/invoices/InvoicesPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/invoices/')({ validateSearch: keepText('tab', 'search', 'status', 'kind', 'customer', 'step', 'from', 'to'), beforeLoad: moneyWords, component: InvoicesPage });
