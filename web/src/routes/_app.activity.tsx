import { createFileRoute } from '@tanstack/react-router';
import { ActivityPage } from '@/features/activity/ActivityPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/activity')({ validateSearch: keepText('action', 'kind', 'week', 'search'), component: ActivityPage });
