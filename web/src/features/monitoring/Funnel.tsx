import { Link, type LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Quality } from '@/api/schema';
import { formatNumber, formatPercent } from '@/lib/format';
import { Panel } from '@/ui/layout';
import css from './monitoring.module.css';

const STEPS = ['total', 'valid', 'placed', 'delivered'] as const;
const ROWS: Partial<Record<(typeof STEPS)[number], LinkProps>> = { total: { to: '/leads' }, delivered: { to: '/leads', search: { status: 'livre' } } };

/** From all leads to those that buyers kept: what is left at each step, of all and of the step before. */
export function Funnel({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('monitoring.funnel')}>
      <ol className={css.funnel}>
        {STEPS.map((step, index) => {
          const before = quality[STEPS[index - 1] ?? step];
          const link = ROWS[step];
          const count = formatNumber(quality[step]);
          return (
            <li key={step}>
              <span>{t(`monitoring.step.${step}`)}</span>
              <span className={css.bar}><span style={{ inlineSize: share(quality[step], quality.total, '%') }} /></span>
              <span className="num">{link ? <Link {...link}>{count}</Link> : count}</span>
              <span className="muted num">{index > 0 && formatPercent(share(quality[step], before))}</span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

function share(part: number, of: number, unit = ''): string {
  return `${of === 0 ? 0 : (100 * part) / of}${unit}`;
}
