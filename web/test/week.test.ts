import { describe, expect, test } from 'vitest';
import { isWeek, shiftWeek, weekDays } from '@/lib/week';

/** Independent of the code under test: ISO 8601 says that week 1 is the one with the year's first Thursday. */
function weekOf(monday: Date): string {
  const thursday = new Date(monday.getTime() + 3 * 86_400_000);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const number = 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000));
  return `${thursday.getUTCFullYear()}-W${String(number).padStart(2, '0')}`;
}

describe('weeks', () => {
  test('L-61 previous and next week work over every week from 2020 to 2040, one after the other, forth and back', () => {
    const weeks: string[] = [];
    for (let day = Date.UTC(2019, 11, 30); day < Date.UTC(2041, 0, 1); day += 7 * 86_400_000) weeks.push(weekOf(new Date(day)));
    expect(weeks[0]).toBe('2020-W01');
    expect(weeks.at(-1)).toBe('2041-W01');
    for (const [index, week] of weeks.entries()) {
      expect(isWeek(week)).toBe(true);
      const next = weeks[index + 1];
      if (next === undefined) continue;
      expect(shiftWeek(week, 1)).toBe(next);
      expect(shiftWeek(next, -1)).toBe(week);
    }
  });

  test.each([
    ['2026-W07', 1, '2026-W08'],
    ['2026-W07', -1, '2026-W06'],
    ['2026-W01', -1, '2025-W52'],
    ['2026-W53', 1, '2027-W01'],
    ['2032-W53', 1, '2033-W01'],
    ['2037-W53', 1, '2038-W01'],
  ])('L-61 %s by %i is %s', (week, by, expected) => {
    expect(shiftWeek(week, by)).toBe(expected);
  });

  test('a week goes from Monday to Sunday', () => {
    const { monday, sunday } = weekDays('2026-W01');
    expect([monday.getFullYear(), monday.getMonth(), monday.getDate()]).toEqual([2025, 11, 29]);
    expect([sunday.getFullYear(), sunday.getMonth(), sunday.getDate()]).toEqual([2026, 0, 4]);
  });

  test.each(['2025-W53', '2026-W54', '2026-W00', '2026-7', 'W07', ''])('%s is no week', (text) => {
    expect(isWeek(text)).toBe(false);
  });
});
