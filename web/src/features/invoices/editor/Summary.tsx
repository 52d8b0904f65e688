import { Text } from '@mantine/core';
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
    return <Panel title={t('common.total')}><Text size="sm" c="dimmed">{refusal ? problemText(t, Problem.from(refusal)) : t('invoices.editor.noCustomer')}</Text></Panel>;
  }
  return (
    <>
      <Panel title={t('common.total')}>
        <div className={isStale ? css.stale : undefined} aria-busy={isStale && !refusal} aria-live="polite"><Totals of={preview} /></div>
        {values.kind !== 'credit_note' && <Text size="sm" c="dimmed" mt="sm">{t('invoices.termsDays', { count: preview.payment_terms_days })}</Text>}
        {refusal !== null && refusal !== undefined && <Text size="sm" c="var(--bad)" mt="xs">{t('invoices.editor.refused')}</Text>}
      </Panel>
      <Panel title={t('invoices.check.title')}><Findings check={preview.check} entity={entity} party={values.party_id} /></Panel>
    </>
  );
}
