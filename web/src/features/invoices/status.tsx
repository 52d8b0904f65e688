import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentKind, DocumentView, PayMethod } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const TONES: Record<string, Tone> = {
  draft: 'neutral',
  sent: 'info',
  unpaid: 'info',
  partial: 'warn',
  overdue: 'bad',
  paid: 'good',
  credited: 'violet',
  accepted: 'good',
  refused: 'bad',
  expired: 'warn',
  converted: 'violet',
};

/** Where a document stands: what is open on it once it was issued, else where it is in its life. */
export function DocumentPill({ document }: { document: Pick<DocumentView, 'kind' | 'status' | 'payment_state' | 'disputed'> }) {
  const { t } = useTranslation();
  const state = document.payment_state ?? document.status;
  return (
    <>
      <Pill tone={TONES[state] ?? 'neutral'}>{document.kind === 'credit_note' && document.payment_state ? t(`invoices.noteState.${document.payment_state}`) : t(`invoices.state.${state}`)}</Pill>
      {document.disputed && <Pill tone="bad">{t('invoices.disputed')}</Pill>}
    </>
  );
}

/** Whether it was issued by us, so that it can be mailed. */
export function isMailable({ direction, status }: Pick<DocumentView, 'direction' | 'status'>): boolean {
  return direction === 'sale' && status !== 'draft';
}

/** What a document is called: its number, or that it is a draft of its kind. */
export function useDocumentName(): (document: { kind: DocumentKind; number?: string | null | undefined }) => string {
  const { t } = useTranslation();
  return useCallback(({ kind, number }) => number ?? t('invoices.draftOf', { kind: t(`invoices.kind.${kind}`) }), [t]);
}

const METHODS = ['transfer', 'card', 'cash', 'cheque', 'sepa_debit', 'other'] as const satisfies readonly PayMethod[];

/** How one can pay, to choose from. */
export function usePayMethods(): { value: PayMethod; label: string }[] {
  const { t } = useTranslation();
  return useMemo(() => METHODS.map((value) => ({ value, label: t(`payments.method.${value}`) })), [t]);
}

