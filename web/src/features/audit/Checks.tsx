import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconChevronRight, IconClock, IconMinus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatInstant, formatNumber } from '@/lib/format';
import { Facts, Panel } from '@/ui/layout';
import css from './audit.module.css';
import { type Line, type LineState, SECTIONS, stateOf } from './model';
import { checkText, tookText } from './texts';

const MARKS: Record<LineState, typeof IconCheck> = { finding: IconAlertTriangle, clean: IconCheck, not_applicable: IconMinus, not_run: IconClock };

/** Every check by its part: what it proves at once; how it looked, at how many things and for how long, when it is unfolded. */
export function Checks({ lines, marked }: { lines: readonly Line[]; marked: string | undefined }) {
  const { t } = useTranslation();
  // Counts how often all were unfolded or folded, so that each follows although it may be turned by itself.
  const [all, setAll] = useState({ open: false, turn: 0 });
  const parts = SECTIONS.map((section) => ({ section, own: lines.filter((line) => line.section === section) })).filter(({ own }) => own.length > 0);
  if (parts.length === 0) return null;
  return (
    <Panel title={t('audit.whatHolds')} actions={<Button variant="subtle" color="gray" size="compact-sm" onClick={() => setAll({ open: !all.open, turn: all.turn + 1 })}>{t(all.open ? 'audit.fold' : 'audit.unfold')}</Button>} flush>
      {parts.map(({ section, own }) => (
        <div key={section} className={css.part}>
          <h3>{t(`audit.section.${section}`)} <span className="muted">{t('audit.checks', { count: own.length })}</span></h3>
          {own.map((line) => <Row key={`${line.id} ${String(all.turn)}`} line={line} open={all.open || line.id === marked} />)}
        </div>
      ))}
    </Panel>
  );
}

function Row({ line, open }: { line: Line; open: boolean }) {
  const { t } = useTranslation();
  const state = stateOf(line);
  const Mark = MARKS[state];
  const { result } = line;
  const measured = result && state !== 'not_applicable' && state !== 'not_run';
  return (
    // A finding stands above with its name as an anchor; of the others this is the place.
    <details className={css.check} data-state={state} open={open} {...(state !== 'finding' && { id: line.id })}>
      <summary>
        <Mark size={15} aria-hidden className={css.mark ?? ''} />
        <span className="visually-hidden">{t(`audit.state.${state}`)}</span>
        <span className={css.proves}>{checkText(t, line, 'proves')}</span>
        {measured && <span className={css.took}>{t('audit.examined', { count: result.examined, formatted: formatNumber(result.examined) })} · {tookText(t, result.ms)}</span>}
        {!measured && <span className={css.took}>{t(`audit.state.${state}`)}</span>}
        <IconChevronRight size={14} aria-hidden className={css.turn ?? ''} />
      </summary>
      <div className={css.inside}>
        <Facts
          facts={[
            [t('audit.how'), checkText(t, line, 'how')],
            [t('audit.why'), result?.why && <span key="why" lang="en">{result.why}</span>],
            [t('audit.severityLabel'), t(`audit.severity.${line.severity}`)],
            [t('audit.mend'), state === 'finding' && checkText(t, line, 'mend')],
            [t('audit.ranAt'), line.ranAt && formatInstant(line.ranAt, 'precise')],
            [t('audit.id'), <span key="id" className="mono">{line.id}</span>],
          ]}
        />
      </div>
    </details>
  );
}
