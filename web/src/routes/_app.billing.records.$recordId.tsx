import { createFileRoute } from '@tanstack/react-router';
import { RecordPage } from '@/features/billing/RecordPage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/billing/records/$recordId')({ beforeLoad: moneyWords, component: RecordPage });
