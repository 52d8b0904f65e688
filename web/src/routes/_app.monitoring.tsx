import { createFileRoute } from '@tanstack/react-router';
import { MonitoringPage } from '@/features/monitoring/MonitoringPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/monitoring')({ validateSearch: keepText('range', 'product', 'tab'), component: MonitoringPage });
