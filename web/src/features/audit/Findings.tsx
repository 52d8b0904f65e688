import { IconArrowUpRight, IconCircleCheck, IconTool } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CheckResult, Evidence } from '@/api/schema';
import { thingLink } from '@/app/things';
import { formatInstant, formatNumber } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import css from './audit.module.css';
import { countOf, findingsOf, type Line, SEVERITY_TONES } from './model';
import { checkText } from './texts';

/** What somebody must look at, the heaviest first; or the good news that there is nothing. */
export function Findings({ lines, all, isFiltered, marked }: { lines: readonly Line[]; all: readonly Line[]; isFiltered: boolean; marked: string | undefined }) {
  const { t } = useTranslation();
  const findings = findingsOf(lines);
  const held = countOf(all, 'clean');
  if (lines.length === 0) return <Empty title={t('audit.inFilter')} />;
  if (findings.length > 0) return <div className={css.findings}>{findings.map((line) => <Finding key={line.id} line={line} marked={line.id === marked} />)}</div>;
  if (isFiltered || held === 0 || findingsOf(all).length > 0) return null;
  return (
    <div className={css.clear}>
      <IconCircleCheck size={22} stroke={1.6} aria-hidden />
      <div><strong>{t('audit.allClear')}</strong> <span>{t('audit.allClearAbout', { count: held })}</span></div>
    </div>
  );
}

function Finding({ line, marked }: { line: Line; marked: boolean }) {
  const { t } = useTranslation();
  const { result, severity } = line;
  return (
    <article className={css.finding} data-tone={SEVERITY_TONES[severity]} data-marked={marked || undefined} id={line.id}>
      <header>
        <div className={css.pills}>
          <Pill tone={SEVERITY_TONES[severity]}>{t(`audit.severity.${severity}`)}</Pill>
          <Pill>{t(`audit.section.${line.section}`)}</Pill>
          {result && <Found result={result} />}
          <span className="mono muted">{line.id}</span>
        </div>
        <h3>{checkText(t, line, 'proves')}</h3>
        <p className="muted">{checkText(t, line, 'how')}</p>
      </header>
      {result?.status === 'failed' && <p>{t('audit.couldNot')} <span lang="en">{result.why}</span></p>}
      {result && <EvidenceList result={result} about={line.check?.about} />}
      <footer>
        {checkText(t, line, 'mend') !== '' && <p className={css.mend}><IconTool size={15} aria-hidden /><span><strong>{t('audit.mend')}</strong> {checkText(t, line, 'mend')}</span></p>}
        {!line.check && <p className="muted">{t('audit.gone')}</p>}
        {line.ranAt && <span className="muted num">{t('audit.ranAt')} {formatInstant(line.ranAt)}</span>}
      </footer>
    </article>
  );
}

function Found({ result: { status, found, examined } }: { result: CheckResult }) {
  const { t } = useTranslation();
  if (status === 'failed') return <Pill tone="bad">{t('audit.state.failed')}</Pill>;
  return <Pill>{examined > 0 ? t('audit.found', { found: formatNumber(found), examined: formatNumber(examined) }) : t('audit.foundSome', { found: formatNumber(found) })}</Pill>;
}

/** What is not as it must be, in the words of the service, each with the way to it. */
function EvidenceList({ result, about }: { result: CheckResult; about: string | null | undefined }) {
  const { t } = useTranslation();
  const more = result.found - result.evidence.length;
  if (result.evidence.length === 0) return null;
  return (
    <ul className={css.evidence} aria-label={t('audit.evidence')}>
      {result.evidence.map((one, index) => <Piece key={`${one.id ?? ''} ${String(index)}`} one={one} about={about} />)}
      {more > 0 && <li className="muted">{t('audit.more', { count: more })}</li>}
    </ul>
  );
}

function Piece({ one, about }: { one: Evidence; about: string | null | undefined }) {
  const link = one.id && about ? thingLink(about, one.id) : undefined;
  return (
    <li>
      {link ? <Link {...link} className={css.thing}><span lang="en">{one.text}</span><IconArrowUpRight size={14} aria-hidden /></Link> : <span lang="en">{one.text}</span>}
      {one.id && !link && <span className="mono muted"> {one.id}</span>}
    </li>
  );
}
