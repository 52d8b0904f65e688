import { createFileRoute } from '@tanstack/react-router';
import { PaymentsPage } from '@/features/payments/PaymentsPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/payments/')({ validateSearch: keepText('search', 'status', 'method', 'customer', 'direction', 'unallocated', 'from', 'to'), beforeLoad: moneyWords, component: PaymentsPage });
