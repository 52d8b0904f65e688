import { createFileRoute } from '@tanstack/react-router';
import { ProductsPage } from '@/features/products/ProductsPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/products/')({ validateSearch: keepText('search', 'active', 'item'), beforeLoad: moneyWords, component: ProductsPage });
