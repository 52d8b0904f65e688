import { addDays, addWeeks, getISOWeek, getISOWeekYear, isValid, parseISO } from 'date-fns';

const WEEK = /^\d{4}-W\d{2}$/;

function key(day: Date): string {
  return `${getISOWeekYear(day)}-W${String(getISOWeek(day)).padStart(2, '0')}`;
}

/** Whether `text` names an ISO week that exists, such as `2026-W07`. */
export function isWeek(text: string): boolean {
  return WEEK.test(text) && isValid(parseISO(text)) && key(parseISO(text)) === text;
}

/** The ISO week `by` weeks after `week`; before it, when negative. */
export function shiftWeek(week: string, by: number): string {
  return key(addWeeks(parseISO(week), by));
}

/** Monday and Sunday of an ISO week, as local dates. */
export function weekDays(week: string): { monday: Date; sunday: Date } {
  const monday = parseISO(week);
  return { monday, sunday: addDays(monday, 6) };
}
