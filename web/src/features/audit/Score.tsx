import { useTranslation } from 'react-i18next';
import type { AuditRun, FindingCounts } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { TimeLine } from '@/ui/chart/line';
import { Pill } from '@/ui/layout';
import pills from './audit.module.css';
import { countOf, type Line, SEVERITIES, SEVERITY_TONES, toneOf, wordOf } from './model';
import css from './score.module.css';
import { ranText } from './texts';

const RADIUS = 52;
const ROUND = 2 * Math.PI * RADIUS;

interface ScoreProps {
  score: number | null | undefined;
  counts: FindingCounts;
  lines: readonly Line[];
  runs: readonly AuditRun[];
  /** The run that is looked at; none, how it stands now. */
  chosen: string | undefined;
  onPick: (id: string) => void;
}

/** The score with a plain word about it, what it is made of, and how it went over time. */
export function Score({ score, counts, lines, runs, chosen, onPick }: ScoreProps) {
  const { t } = useTranslation();
  const word = wordOf(score, counts);
  const whole = runs.filter((run) => run.sections.length === 0);
  const told = chosen ? runs.find((run) => run.id === chosen) : whole[0];
  return (
    <section className={css.hero} aria-label={t('audit.score')}>
      <Ring score={score} tone={word === 'none' ? 'none' : toneOf(counts)} />
      <div className={css.verdict}>
        <h2>{t(`audit.word.${word}`)}</h2>
        {word === 'none' && <p className="muted">{t('audit.noneAbout')}</p>}
        {word !== 'none' && (
          <div className={pills.pills}>
            {SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => <Pill key={severity} tone={SEVERITY_TONES[severity]}>{t(`audit.${severity}`, { count: counts[severity] })}</Pill>)}
            <Pill tone="good">{t('audit.proven', { count: countOf(lines, 'clean') })}</Pill>
          </div>
        )}
        {told && <div className="muted">{chosen ? ranText(t, told) : t('audit.lastRun', { at: ranText(t, told) })}</div>}
      </div>
      <History runs={whole.toReversed()} chosen={chosen} onPick={onPick} />
    </section>
  );
}

/** The score as a part of a whole ring, and as a figure. */
function Ring({ score, tone }: { score: number | null | undefined; tone: string }) {
  const { t } = useTranslation();
  const known = score !== null && score !== undefined;
  return (
    <div className={css.ring} data-tone={tone}>
      <svg viewBox="0 0 120 120" role="img" aria-label={known ? t('audit.scoreOf', { score }) : t('audit.word.none')}>
        <circle className={css.track} cx="60" cy="60" r={RADIUS} />
        {known && <circle className={css.arc} cx="60" cy="60" r={RADIUS} strokeDasharray={`${(ROUND * score) / 100} ${ROUND}`} transform="rotate(-90 60 60)" />}
      </svg>
      <div className={css.figure} aria-hidden>
        <strong>{known ? score : '–'}</strong>
        <span>{t('audit.ofHundred')}</span>
      </div>
    </div>
  );
}

function History({ runs, chosen, onPick }: { runs: readonly AuditRun[]; chosen: string | undefined; onPick: (id: string) => void }) {
  const { t } = useTranslation();
  if (runs.length < 2) return <div className={css.history}>{runs.length === 1 && <p className="muted">{t('audit.oneRun')}</p>}</div>;
  const at = runs.findIndex((run) => run.id === chosen);
  return (
    <div className={css.history} title={t('audit.historyAbout')}>
      <div className={css.caption}>{t('audit.history')}</div>
      <TimeLine
        label={t('audit.history')}
        points={runs.map((run) => ({ label: formatInstant(run.finished_at), value: run.score, tone: toneOf(run) }))}
        max={100}
        chosen={at < 0 ? undefined : at}
        onPick={(index) => {
          const run = runs[index];
          if (run) onPick(run.id);
        }}
      />
    </div>
  );
}
