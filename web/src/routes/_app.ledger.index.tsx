import { createFileRoute } from '@tanstack/react-router';
import { LedgerPage } from '@/features/ledger/LedgerPage';
import { moneyWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/ledger/')({
  validateSearch: keepText('tab', 'from', 'to', 'journal', 'account', 'party', 'search', 'class', 'active', 'side', 'on'),
  beforeLoad: moneyWords,
  component: LedgerPage,
});
