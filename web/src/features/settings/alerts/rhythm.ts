/** How often something is looked for, as one chooses it. */
export const RHYTHMS = ['m5', 'm15', 'hourly', 'daily', 'own'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

const FIXED: Partial<Record<string, Rhythm>> = { '*/5 * * * *': 'm5', '*/15 * * * *': 'm15', '0 * * * *': 'hourly' };
const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;
const NINE = '09:00';

export interface Chosen {
  rhythm: Rhythm;
  /** The time of a daily look. */
  at: string;
  /** The expression, where none of the others fits. */
  cron: string;
}

/** A cron expression as one would choose it. */
export function chosenOf(cron: string): Chosen {
  const [, minute, hour] = DAILY.exec(cron) ?? [];
  if (minute !== undefined && hour !== undefined) return { rhythm: 'daily', at: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`, cron };
  return { rhythm: FIXED[cron] ?? 'own', at: NINE, cron };
}

/** What was chosen as a cron expression. */
export function cronOf({ rhythm, at, cron }: Chosen): string {
  if (rhythm === 'own') return cron.trim();
  if (rhythm === 'daily') {
    const [hour, minute] = at.split(':').map(Number);
    return `${String(minute ?? 0)} ${String(hour ?? 0)} * * *`;
  }
  return Object.keys(FIXED).find((one) => FIXED[one] === rhythm) ?? cron;
}
