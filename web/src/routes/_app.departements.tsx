import { createFileRoute } from '@tanstack/react-router';
import { DepartementsPage } from '@/features/departements/DepartementsPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/departements')({ validateSearch: keepText('product', 'week', 'shade', 'place'), component: DepartementsPage });
