import { createFileRoute } from '@tanstack/react-router';
import { AccountPage } from '@/features/ledger/AccountPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/ledger/accounts/$accountId')({ validateSearch: keepText('from', 'to', 'party', 'open'), beforeLoad: moneyWords, component: AccountPage });
