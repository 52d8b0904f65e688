import { businessZone } from './format';

/** The day of the business, wherever the reader is, as the API writes days. */
export function today(): string {
  // Swedes write days as ISO 8601 does.
  return new Date().toLocaleDateString('sv-SE', { timeZone: businessZone() });
}

/** The first day of the month of a day. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 8)}01`;
}
