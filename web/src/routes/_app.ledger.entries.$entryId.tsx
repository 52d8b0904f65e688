import { createFileRoute } from '@tanstack/react-router';
import { EntryPage } from '@/features/ledger/EntryPage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/ledger/entries/$entryId')({ beforeLoad: moneyWords, component: EntryPage });
