import { createFileRoute } from '@tanstack/react-router';
import { DeliveryPage } from '@/features/deliveries/DeliveryPage';

export const Route = createFileRoute('/_app/deliveries/$deliveryId')({ component: DeliveryPage });
