import { createFileRoute } from '@tanstack/react-router';
import { BankPage } from '@/features/bank/BankPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/bank/')({ validateSearch: keepText('tab'), beforeLoad: moneyWords, component: BankPage });
