import { useTranslation } from 'react-i18next';
import type { TransferStatus } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const TONES: Record<TransferStatus, Tone> = { pending: 'info', invoiced: 'good', cancelled: 'neutral', error: 'bad' };

export const TRANSFER_STATUSES = Object.keys(TONES) as TransferStatus[];

export function TransferPill({ status }: { status: TransferStatus }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`intercompany.status.${status}`)}</Pill>;
}
