import { createFileRoute } from '@tanstack/react-router';
import { PurchasePage } from '@/features/purchases/PurchasePage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/purchases/$invoiceId')({ beforeLoad: moneyWords, component: PurchasePage });
