import { useTranslation } from 'react-i18next';
import type { DocumentPreview } from '@/api/schema';
import { Problem } from '@/api/problem';
import { Panel } from '@/ui/layout';
import { problemText } from '@/ui/problem-text';
import { Findings } from '../Findings';
import { Totals } from '../Totals';
import css from './editor.module.css';
import type { EditorValues } from './model';

/** What it amounts to as it stands, and what would keep it from being issued. */
export function Summary({ values, preview, isStale, refusal, entity }: { values: EditorValues; preview: DocumentPreview | undefined; isStale: boolean; refusal: unknown; entity: string }) {
  const { t } = useTranslation();
  if (preview === undefined) {
    return <Panel title={t('common.total')}><p className="muted" style={{ margin: 0 }}>{refusal ? problemText(t, Problem.from(refusal)) : t('invoices.editor.noCustomer')}</p></Panel>;
  }
  return (
    <>
      <Panel title={t('common.total')}>
        <div className={isStale ? css.stale : undefined} aria-busy={isStale && !refusal} aria-live="polite"><Totals of={preview} /></div>
        {values.kind !== 'credit_note' && <p className="muted" style={{ marginTop: '0.75rem' }}>{t('invoices.termsDays', { count: preview.payment_terms_days })}</p>}
        {refusal !== null && refusal !== undefined && <p style={{ color: 'var(--bad)', marginTop: '0.5rem' }}>{t('invoices.editor.refused')}</p>}
      </Panel>
      <Panel title={t('invoices.check.title')}><Findings check={preview.check} entity={entity} party={values.party_id} /></Panel>
    </>
  );
}
