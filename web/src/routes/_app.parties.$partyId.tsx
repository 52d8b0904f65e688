import { createFileRoute } from '@tanstack/react-router';
import { PartyPage } from '@/features/parties/PartyPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/parties/$partyId')({ validateSearch: keepText('tab', 'edit', 'from', 'to'), beforeLoad: moneyWords, component: PartyPage });
