import { Progress } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedAudit } from '@/api/schema';
import { Alarm } from '@/ui/states';
import css from './audit.module.css';
import { isUnderWay } from './queries';

const SECOND_MS = 1000;

/** It is not over before the service says so. */
const MOST_PERCENT = 96;

/** The audit that somebody asked for: that it waits, how far it may be by how long it takes as a rule, or that it could not be run. */
export function UnderWay({ asked }: { asked: AskedAudit | null | undefined }) {
  const { t } = useTranslation();
  if (!asked) return null;
  if (isUnderWay(asked.state)) return <Running asked={asked} />;
  return (
    <Alarm>
      <div>{t('audit.failed', { by: asked.asked_by })} <Link to="/operations" search={{ tab: 'dead' }}>{t('audit.failedAbout')}</Link></div>
      {asked.error && <div className="muted" lang="en">{asked.error}</div>}
    </Alarm>
  );
}

function Running({ asked }: { asked: AskedAudit }) {
  const { t } = useTranslation();
  const now = useNow();
  const seconds = Math.max(0, Math.round((now - new Date(asked.asked_at).getTime()) / SECOND_MS));
  const expected = asked.expected_ms ? Math.max(1, Math.round(asked.expected_ms / SECOND_MS)) : undefined;
  const queued = asked.state === 'queued';
  const percent = expected ? Math.min(MOST_PERCENT, (seconds / expected) * 100) : undefined;
  return (
    <div className={css.underWay}>
      <span role="status">{t(queued ? 'audit.asked' : 'audit.running')}</span>
      {!queued && <span className="num muted">{expected ? t('audit.secondsOf', { seconds, expected }) : t('audit.seconds', { seconds })}</span>}
      <Progress aria-label={t('audit.progress')} className={css.progress ?? ''} value={queued ? 2 : (percent ?? 100)} animated={percent === undefined} transitionDuration={SECOND_MS} />
    </div>
  );
}

/** The present instant, a second at a time. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(ticking);
  }, []);
  return now;
}
