import { createFileRoute } from '@tanstack/react-router';
import { BankLinePage } from '@/features/bank/BankLinePage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/bank/lines/$lineId')({ beforeLoad: moneyWords, component: BankLinePage });
