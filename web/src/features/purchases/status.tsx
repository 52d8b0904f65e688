import { useTranslation } from 'react-i18next';
import type { IncomingInvoiceView, IncomingStatus } from '@/api/schema';
import { isZero } from '@/lib/decimal';
import { Pill, type Tone } from '@/ui/layout';

const TONES: Record<IncomingStatus, Tone> = { received: 'info', approved: 'violet', booked: 'good', refused: 'bad' };

/** Where a supplier's invoice stands; once it is in the books, whether it is paid. */
export function PurchasePill({ invoice }: { invoice: Pick<IncomingInvoiceView, 'status' | 'open' | 'kind'> }) {
  const { t } = useTranslation();
  const { status, open } = invoice;
  if (status === 'booked' && open && !isZero(open) && !isCredit(invoice)) return <Pill tone="warn">{t('purchases.state.toPay')}</Pill>;
  if (status === 'booked' && open && !isCredit(invoice)) return <Pill tone="good">{t('purchases.state.paid')}</Pill>;
  return <Pill tone={TONES[status]}>{t(`purchases.state.${status}`)}</Pill>;
}

/** Whether what came in takes something back. */
export function isCredit({ kind }: Pick<IncomingInvoiceView, 'kind'>): boolean {
  return kind.endsWith('credit_note');
}
