import { createFileRoute } from '@tanstack/react-router';
import { OperationsPage } from '@/features/operations/OperationsPage';
import { upkeepWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/operations')({ validateSearch: keepText('tab', 'state', 'kind', 'job'), beforeLoad: upkeepWords, component: OperationsPage });
