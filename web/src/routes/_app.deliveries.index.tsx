import { createFileRoute } from '@tanstack/react-router';
import { DeliveriesPage } from '@/features/deliveries/DeliveriesPage';
import { readDeliverySearch } from '@/features/deliveries/search';

export const Route = createFileRoute('/_app/deliveries/')({ validateSearch: readDeliverySearch, component: DeliveriesPage });
