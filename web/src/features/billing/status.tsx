import { useTranslation } from 'react-i18next';
import type { BillingRecordStatus, CreditCandidateStatus, PrepaidStatus } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const RECORD: Record<BillingRecordStatus, Tone> = { not_invoiced: 'neutral', invoiced: 'info', overdue: 'bad', paid: 'good' };
const CANDIDATE: Record<CreditCandidateStatus, Tone> = { open: 'warn', proposed: 'info', credited: 'good', dismissed: 'neutral' };
const PREPAID: Record<PrepaidStatus, Tone> = { OK: 'good', LOW: 'warn', BLOCKED: 'bad' };

export function RecordPill({ status }: { status: BillingRecordStatus }) {
  const { t } = useTranslation();
  return <Pill tone={RECORD[status]}>{t(`billing.record.${status}`)}</Pill>;
}

export function CandidatePill({ status }: { status: CreditCandidateStatus }) {
  const { t } = useTranslation();
  return <Pill tone={CANDIDATE[status]}>{t(`billing.candidate.${status}`)}</Pill>;
}

export function PrepaidPill({ status }: { status: PrepaidStatus }) {
  const { t } = useTranslation();
  return <Pill tone={PREPAID[status]}>{t(`billing.prepaidStatus.${status}`)}</Pill>;
}
