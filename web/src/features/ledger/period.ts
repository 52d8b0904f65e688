import { endOfMonth, endOfQuarter, formatISO, parseISO, startOfMonth, startOfQuarter, subMonths, subQuarters } from 'date-fns';
import { today } from '@/lib/day';
import type { LedgerYearView } from '@/api/schema';

/** Days of a period; without one, from the beginning or until today. */
export interface Period {
  from?: string | undefined;
  to?: string | undefined;
}

function days(from: Date, to: Date): Required<Period> {
  return { from: formatISO(from, { representation: 'date' }), to: formatISO(to, { representation: 'date' }) };
}

export function thisMonth(now = parseISO(today())): Required<Period> {
  return days(startOfMonth(now), endOfMonth(now));
}

/** The periods that accountants ask for, by name; fiscal years by their id. */
export function presets(years: readonly LedgerYearView[], now = parseISO(today())): { name: string; period: Period }[] {
  const before = subMonths(now, 1);
  const quarter = subQuarters(now, 1);
  return [
    { name: 'month', period: thisMonth(now) },
    { name: 'lastMonth', period: days(startOfMonth(before), endOfMonth(before)) },
    { name: 'quarter', period: days(startOfQuarter(now), endOfQuarter(now)) },
    { name: 'lastQuarter', period: days(startOfQuarter(quarter), endOfQuarter(quarter)) },
    ...years.map((year) => ({ name: year.id, period: { from: year.starts_on, to: year.ends_on } })),
  ];
}

/** The month that a day lies in. */
export function monthOf(day: string): Required<Period> {
  return thisMonth(parseISO(day));
}
