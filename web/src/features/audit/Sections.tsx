import { useTranslation } from 'react-i18next';
import type { Section } from '@/api/schema';
import { countOf, findingsOf, type Line, SECTIONS, SEVERITY_TONES } from './model';
import css from './sections.module.css';

/** What stands, part by part; a part is looked at alone by choosing it. */
export function Sections({ lines, chosen, onChoose }: { lines: readonly Line[]; chosen: string | undefined; onChoose: (section: string | undefined) => void }) {
  const { t } = useTranslation();
  const known = SECTIONS.map((section) => ({ section, own: lines.filter((line) => line.section === section) })).filter(({ own }) => own.length > 0);
  return (
    <div className={css.sections} role="group" aria-label={t('audit.sections')}>
      {known.map(({ section, own }) => <Part key={section} section={section} lines={own} pressed={chosen === section} onPress={() => onChoose(chosen === section ? undefined : section)} />)}
    </div>
  );
}

function Part({ section, lines, pressed, onPress }: { section: Section; lines: readonly Line[]; pressed: boolean; onPress: () => void }) {
  const { t } = useTranslation();
  const findings = findingsOf(lines);
  const [heaviest] = findings;
  const beside = countOf(lines, 'not_applicable');
  const missing = countOf(lines, 'not_run');
  const rest = [t('audit.checks', { count: lines.length }), ...(beside > 0 ? [t('audit.notApplicable', { count: beside })] : []), ...(missing > 0 ? [t('audit.notRun', { count: missing })] : [])];
  const tone = heaviest ? SEVERITY_TONES[heaviest.severity] : countOf(lines, 'clean') > 0 ? 'good' : 'neutral';
  return (
    <button type="button" className={css.section} data-tone={tone} aria-pressed={pressed} onClick={onPress}>
      <span className={css.sectionName}>{t(`audit.section.${section}`)}</span>
      {heaviest ? <span className={css.sectionFound}>{t('audit.findings', { count: findings.length })}</span> : <span className={css.sectionFound}>{t(tone === 'good' ? 'audit.holds' : 'audit.nothing')}</span>}
      <span className={css.sectionRest}>{rest.join(' · ')}</span>
      <span className={css.bar} aria-hidden>{lines.map((line) => <i key={line.id} data-state={line.result?.status ?? 'not_run'} data-severity={line.severity} />)}</span>
    </button>
  );
}
