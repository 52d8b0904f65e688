import { createFileRoute } from '@tanstack/react-router';
import { OrdersPage } from '@/features/orders/OrdersPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/orders/')({ validateSearch: keepText('product', 'buyer', 'active', 'week', 'view'), component: OrdersPage });
