import { createFileRoute } from '@tanstack/react-router';
import { BuyersPage } from '@/features/buyers/BuyersPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/buyers/')({ validateSearch: keepText('search', 'active', 'archived'), component: BuyersPage });
