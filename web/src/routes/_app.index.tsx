import { createFileRoute } from '@tanstack/react-router';
import { CockpitPage } from '@/features/cockpit/CockpitPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/')({ validateSearch: keepText('week'), component: CockpitPage });
