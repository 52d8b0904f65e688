import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Area, Effect, EffectCause } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { useBlastRadius } from './queries';
import css from './radius.module.css';

const COLUMNS = ['routes', 'changing', 'closed', 'open', 'public', 'guarded'] as const;

const CAUSES: readonly EffectCause[] = ['event', 'schedule', 'request'];

/** What follows from what, and how far it reaches when it fails. */
export function Radius() {
  const { t } = useTranslation();
  const radius = useBlastRadius();
  return (
    <Panel title={t('audit.radius.title')} flush>
      <Loaded query={radius} height={320}>
        {({ effects, areas }) => (
          <div className={css.radius}>
            <p className={css.about}>{t('audit.radius.about')}</p>
            {CAUSES.map((cause) => <Effects key={cause} cause={cause} effects={effects.filter((effect) => effect.cause === cause)} />)}
            <Areas areas={areas} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Effects({ cause, effects }: { cause: EffectCause; effects: readonly Effect[] }) {
  const { t } = useTranslation();
  return (
    <section className={css.group}>
      <h3>{t(`audit.radius.cause.${cause}`)}</h3>
      <ul>
        {effects.map((effect) => (
          <li key={effect.kind} className={css.effect}>
            {effect.when !== undefined && effect.when !== null && (
              <>
                <span className={`mono ${css.when}`}>{effect.when}</span>
                <IconArrowRight size={14} aria-label={t('audit.radius.leadsTo')} className={css.arrow ?? ''} />
              </>
            )}
            <Link to="/operations" search={{ tab: 'runs', kind: effect.kind }} className={`mono ${css.kind}`}>{effect.kind}</Link>
            <Went effect={effect} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Went({ effect: { runs, failures, waiting, dead } }: { effect: Effect }) {
  const { t } = useTranslation();
  if (runs + waiting + dead === 0) return <span className={css.went}>{t('audit.radius.unused')}</span>;
  return (
    <span className={css.went}>
      {t('audit.radius.runs', { count: runs, formatted: formatNumber(runs) })}
      {failures > 0 && <Pill tone="warn">{t('audit.radius.failures', { count: failures, formatted: formatNumber(failures) })}</Pill>}
      {waiting > 0 && <Pill tone="info">{t('audit.radius.waiting', { formatted: formatNumber(waiting) })}</Pill>}
      {dead > 0 && <Pill tone="bad">{t('audit.radius.dead', { count: dead, formatted: formatNumber(dead) })}</Pill>}
    </span>
  );
}

function Areas({ areas }: { areas: readonly Area[] }) {
  const { t } = useTranslation();
  return (
    <section className={css.group}>
      <h3>{t('audit.radius.areas')}</h3>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t('audit.radius.areas')}>
        <table className={css.areas}>
          <thead>
            <tr>
              <th scope="col">{t('audit.radius.area')}</th>
              {COLUMNS.map((column) => <th key={column} scope="col">{t(`audit.radius.column.${column}`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {areas.map((area) => (
              <tr key={area.area}>
                <th scope="row" className="mono">{area.area}</th>
                {COLUMNS.map((column) => <td key={column} data-none={area[column] === 0}>{formatNumber(area[column])}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
