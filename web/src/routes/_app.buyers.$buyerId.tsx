import { createFileRoute } from '@tanstack/react-router';
import { BuyerPage } from '@/features/buyers/BuyerPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/buyers/$buyerId')({ validateSearch: keepText('tab'), component: BuyerPage });
