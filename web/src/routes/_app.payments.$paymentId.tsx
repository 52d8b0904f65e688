import { createFileRoute } from '@tanstack/react-router';
import { PaymentPage } from '@/features/payments/PaymentPage';
import { moneyWords } from '@/i18n';

export const Route = createFileRoute('/_app/payments/$paymentId')({ beforeLoad: moneyWords, component: PaymentPage });
