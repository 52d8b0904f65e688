import { createFileRoute } from '@tanstack/react-router';
import { PurchasesPage } from '@/features/purchases/PurchasesPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/purchases/')({ validateSearch: keepText('search', 'status', 'supplier', 'from', 'to'), beforeLoad: moneyWords, component: PurchasesPage });
