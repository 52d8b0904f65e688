import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SourceView } from '@/api/schema';
import { formatNumber, formatPercent } from '@/lib/format';
import { Panel, Pill, type Tone } from '@/ui/layout';
import { Empty } from '@/ui/states';
import css from './monitoring.module.css';

const TONES: Record<SourceView['trust_badge'], Tone> = { good: 'good', medium: 'warn', bad: 'bad' };
const RATES = ['valid_pct', 'delivered_pct', 'duplicate_pct', 'suspicious_pct', 'rejection_pct'] as const;
/** More of these is worse. */
const HARMFUL: ReadonlySet<string> = new Set(['duplicate_pct', 'suspicious_pct', 'rejection_pct']);

/** Each source as a row of heat: the warmer a cell, the worse. */
export function Sources({ sources }: { sources: readonly SourceView[] }) {
  const { t } = useTranslation();
  if (sources.length === 0) return <Panel><Empty title={t('monitoring.noSource')} /></Panel>;
  return (
    <Panel flush>
      <div style={{ overflowX: 'auto' }}>
        <table className="plain">
          <thead>
            <tr>
              <th>{t('common.source')}</th><th className="end">{t('nav.leads')}</th>
              {RATES.map((rate) => <th key={rate} className="end">{t(`monitoring.rates.${rate}`)}</th>)}
              <th>{t('monitoring.trust')}</th><th>{t('monitoring.toxicity')}</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((row) => (
              <tr key={row.source}>
                <td><Link to="/leads" search={{ source: row.source }}>{row.source || '–'}</Link></td>
                <td className="end">{formatNumber(row.total)}</td>
                {RATES.map((rate) => (
                  <td key={rate} className={`end ${css.heat}`} style={{ '--heat': `${heat(rate, row[rate])}%` } as React.CSSProperties}>{formatPercent(row[rate])}</td>
                ))}
                <td><Pill tone={TONES[row.trust_badge]}>{row.trust}</Pill></td>
                <td><Pill tone={TONES[row.toxicity_badge]}>{row.toxicity}</Pill></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** How warm a cell is, from 0 to 60 percent of the colour. */
function heat(rate: (typeof RATES)[number], percent: string): number {
  const value = Number(percent);
  return Math.round(0.6 * Math.max(0, Math.min(100, HARMFUL.has(rate) ? 2 * value : 100 - value)) * 0.5);
}
