import { createFileRoute } from '@tanstack/react-router';
import { BankAccountPage } from '@/features/bank/BankAccountPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/bank/$accountId')({ validateSearch: keepText('tab', 'state', 'search', 'from', 'to'), beforeLoad: moneyWords, component: BankAccountPage });
