import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DecisionRow } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { Pill } from '@/ui/layout';
import css from './leads.module.css';
import { reasonText } from './reason';
import { Trace } from './Trace';

/** Every decision about a lead, newest first, each with what it looked at. */
export function DecisionList({ decisions }: { decisions: readonly DecisionRow[] }) {
  const { t } = useTranslation();
  if (decisions.length === 0) return <p className="muted">{t('trace.never')}</p>;
  return decisions.map((decision) => (
    <div key={decision.decided_at} className={css.decision}>
      <Group gap="xs">
        <span className="num">{formatInstant(decision.decided_at, 'precise')}</span>
        <Pill tone={decision.outcome === 'routed' ? 'good' : 'warn'}>{t(`leads.status.${decision.outcome}` as 'leads.status.new', { defaultValue: decision.outcome })}</Pill>
        <span className="muted">{t(`trace.cause.${decision.cause}`, { defaultValue: decision.cause })} · {reasonText(t, decision.reason)}</span>
      </Group>
      <Trace entities={decision.entities} />
    </div>
  ));
}
