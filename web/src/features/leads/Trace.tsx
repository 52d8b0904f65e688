import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Candidate, EntityTried } from '@/api/schema';
import { Pill } from '@/ui/layout';
import css from './leads.module.css';

/** What routing looked at: entity by entity, order by order, why dropped, why chosen. */
export function Trace({ entities }: { entities: readonly EntityTried[] }) {
  const { t } = useTranslation();
  if (entities.length === 0) return <p className="muted">{t('trace.none')}</p>;
  return entities.map((tried) => (
    <div key={tried.entity} className={css.entity}>
      <div className={css.entityHead}>
        {tried.entity}
        {tried.gate !== 'open' && <Pill tone="warn">{t(`trace.gate.${typeof tried.gate === 'object' ? 'calendar_off' : tried.gate}`)}</Pill>}
      </div>
      {tried.candidates.map((candidate) => <CandidateLine key={candidate.order_id} candidate={candidate} />)}
      <Left tried={tried} />
    </div>
  ));
}

function CandidateLine({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const { verdict } = candidate;
  const detail = verdict === 'quota_full' ? t('trace.quota', { used: candidate.used, quota: candidate.quota }) : t(`trace.verdict.${verdict}`);
  return (
    <div className={css.candidate} data-verdict={verdict}>
      <span className={css.rank} title={t('trace.priority', { priority: candidate.priority })}>{candidate.priority}</span>
      <Link to="/orders/$orderId" params={{ orderId: candidate.order_id }}>{candidate.buyer_name || t('trace.someBuyer')}</Link>
      <Pill tone={verdict === 'chosen' ? 'good' : 'neutral'}>{detail}</Pill>
    </div>
  );
}

/** Orders that are not listed: other départements, paused, not reached, or another entity's business. */
function Left({ tried }: { tried: EntityTried }) {
  const { t } = useTranslation();
  const { omitted, hidden } = tried;
  const parts = [
    hidden > 0 && t('trace.hidden', { count: hidden }),
    omitted && omitted.departement > 0 && t('trace.elsewhere', { count: omitted.departement }),
    omitted && omitted.order_paused > 0 && t('trace.paused', { count: omitted.order_paused }),
    omitted && omitted.not_reached > 0 && t('trace.notReached', { count: omitted.not_reached }),
  ].filter(Boolean);
  return parts.length > 0 && <div className={`${css.candidate} muted`} style={{ gridTemplateColumns: '1fr' }}>{parts.join(' · ')}</div>;
}
