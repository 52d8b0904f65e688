import { createFileRoute } from '@tanstack/react-router';
import { OperationsPage } from '@/features/operations/OperationsPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/operations')({ validateSearch: keepText('tab', 'state', 'kind', 'job'), component: OperationsPage });
