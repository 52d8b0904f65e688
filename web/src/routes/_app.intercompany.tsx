import { createFileRoute } from '@tanstack/react-router';
import { IntercompanyPage } from '@/features/intercompany/IntercompanyPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/intercompany')({ validateSearch: keepText('tab', 'week', 'status', 'direction', 'document'), beforeLoad: moneyWords, component: IntercompanyPage });
