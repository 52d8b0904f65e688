import { createFileRoute } from '@tanstack/react-router';
import { BillingPage } from '@/features/billing/BillingPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/billing/')({ validateSearch: keepText('tab', 'week', 'month', 'buyer', 'product', 'status', 'mode', 'document'), beforeLoad: moneyWords, component: BillingPage });
