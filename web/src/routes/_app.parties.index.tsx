import { createFileRoute } from '@tanstack/react-router';
import { PartiesPage } from '@/features/parties/PartiesPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/parties/')({ validateSearch: keepText('search', 'role', 'archived'), beforeLoad: moneyWords, component: PartiesPage });
