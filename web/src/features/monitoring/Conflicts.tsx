import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SourceConflict } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import { Panel } from '@/ui/layout';
import { Empty } from '@/ui/states';
import css from './monitoring.module.css';

/** Sources shown on each side: a table of more is no picture any more. */
const MOST = 10;

/** Which sources bring the same people: who came first down, who came again across, the warmer the more. */
export function Conflicts({ conflicts }: { conflicts: readonly SourceConflict[] }) {
  const { t } = useTranslation();
  if (conflicts.length === 0) return <Panel title={t('monitoring.conflicts')}><Empty title={t('monitoring.noConflict')}>{t('monitoring.noConflictAbout')}</Empty></Panel>;
  const firsts = heaviest(conflicts, 'first');
  const laters = heaviest(conflicts, 'later');
  const most = Math.max(...conflicts.map(({ people }) => people));
  const people = (first: string, later: string) => conflicts.find((pair) => pair.first === first && pair.later === later)?.people ?? 0;
  const name = (source: string) => source || t('monitoring.sourceless');
  return (
    <Panel title={t('monitoring.conflicts')} flush>
      <div style={{ overflowX: 'auto' }}>
        <table className="plain">
          <caption className="visually-hidden">{t('monitoring.conflictsAbout')}</caption>
          <thead><tr><th scope="col">{t('monitoring.first')}</th>{laters.map((later) => <th key={later} scope="col" className="end">{name(later)}</th>)}</tr></thead>
          <tbody>
            {firsts.map((first) => (
              <tr key={first}>
                <th scope="row"><Link to="/leads" search={{ source: first }}>{name(first)}</Link></th>
                {laters.map((later) => {
                  const count = people(first, later);
                  return <td key={later} className={`end ${css.heat}`} style={{ '--heat': `${Math.round((50 * count) / most)}%` } as React.CSSProperties}>{count > 0 ? formatNumber(count) : ''}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function heaviest(conflicts: readonly SourceConflict[], side: 'first' | 'later'): string[] {
  const sums = new Map<string, number>();
  for (const pair of conflicts) sums.set(pair[side], (sums.get(pair[side]) ?? 0) + pair.people);
  return [...sums].toSorted((a, b) => b[1] - a[1]).slice(0, MOST).map(([source]) => source);
}
