import type { TFunction } from 'i18next';
import type { AuditRun, CheckState } from '@/api/schema';
import { formatInstant, formatNumber } from '@/lib/format';
import type { Line } from './model';

/** What a check proves, how it looks and how to mend what it finds, in the reader's language; in the service's words where the catalogue has none. */
export function checkText(t: TFunction, { id, check }: Pick<Line, 'id' | 'check'>, part: 'proves' | 'how' | 'mend'): string {
  return t(`check.${id}.${part}` as 'audit.title', { defaultValue: textOf(check, part) ?? (part === 'proves' ? id : '') });
}

function textOf(check: CheckState | undefined, part: 'proves' | 'how' | 'mend'): string | undefined {
  const text = check?.[part];
  // The service tells how it looks as the end of a sentence of its own.
  return part === 'how' && text !== undefined ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** How long a check took. */
export function tookText(t: TFunction, ms: number): string {
  return ms < 1000 ? t('audit.ms', { ms: formatNumber(ms) }) : t('audit.seconds', { seconds: formatNumber(Math.round(ms / 100) / 10) });
}

/** When a run ended, and who made it run. */
export function ranText(t: TFunction, run: AuditRun): string {
  return t(`audit.ranBy.${run.cause}`, { at: formatInstant(run.finished_at), name: run.asked_by });
}
