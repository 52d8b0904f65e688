import { language } from '@/i18n';
import { weekDays } from './week';

const FORMATS = {
  date: { day: '2-digit', month: '2-digit', year: 'numeric' },
  dateLong: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  dayMonth: { day: '2-digit', month: '2-digit' },
  month: { month: 'long', year: 'numeric' },
  dateTime: { day: '2-digit', month: '2-digit', year: '2-digit', hour: '2-digit', minute: '2-digit' },
  precise: { dateStyle: 'medium', timeStyle: 'medium' },
  time: { hour: '2-digit', minute: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const made = new Map<string, Intl.DateTimeFormat>();
let business: string | undefined;

/** The zone that instants are shown in: that of the business, wherever the reader is. */
export function setZone(zone: string | undefined): void {
  business = zone;
}

export function businessZone(): string | undefined {
  return business;
}

/** Without a zone for business dates, which have none. */
function dates(kind: keyof typeof FORMATS, timeZone?: string): Intl.DateTimeFormat {
  const locale = language() === 'fr' ? 'fr-FR' : 'en-GB';
  const key = `${locale} ${kind} ${timeZone}`;
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale, { ...FORMATS[kind], timeZone });
  made.set(key, format);
  return format;
}

/** An instant (RFC 3339) for reading. */
export function formatInstant(at: string, kind: 'dateTime' | 'precise' | 'time' | 'date' = 'dateTime'): string {
  return dates(kind, business).format(new Date(at));
}

/** A business date (`2026-02-14`) for reading; it has no zone and is not moved into one. */
export function formatDay(on: string, kind: 'date' | 'dateLong' | 'dayMonth' = 'date'): string {
  return dates(kind).format(new Date(`${on}T12:00:00`));
}

/** The month of a business date: “février 2026”. */
export function formatMonth(on: string): string {
  return dates('month').format(new Date(`${on}T12:00:00`));
}

/** Monday and Sunday of an ISO week, as `DD/MM/YYYY`. */
export function formatWeek(week: string): { from: string; to: string } {
  const { monday, sunday } = weekDays(week);
  return { from: dates('date').format(monday), to: dates('date').format(sunday) };
}

/** The Monday of an ISO week, short, for an axis. */
export function formatWeekShort(week: string): string {
  return dates('dayMonth').format(weekDays(week).monday);
}

/** A whole number with its thousands apart. */
export function formatNumber(value: number): string {
  return value.toLocaleString(language() === 'fr' ? 'fr-FR' : 'en-GB');
}

/** A percentage that the API gives as a decimal string, `12.5`. */
export function formatPercent(value: string): string {
  const number = Number(value).toLocaleString(language() === 'fr' ? 'fr-FR' : 'en-GB', { maximumFractionDigits: 1 });
  return language() === 'fr' ? `${number} %` : `${number}%`;
}

/** An amount that the API gives as a decimal string, with its currency: never by way of a binary fraction. */
export function formatMoney(amount: string, currency = 'EUR'): string {
  return new Intl.NumberFormat(language() === 'fr' ? 'fr-FR' : 'en-GB', { style: 'currency', currency }).format(amount as Intl.StringNumericLiteral);
}

/** The same without the currency, for columns that name it once. */
export function formatAmount(amount: string, currency = 'EUR'): string {
  const locale = language() === 'fr' ? 'fr-FR' : 'en-GB';
  const digits = new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits }).format(amount as Intl.StringNumericLiteral);
}

/** A quantity that the API gives as a decimal string. */
export function formatQuantity(quantity: string): string {
  return new Intl.NumberFormat(language() === 'fr' ? 'fr-FR' : 'en-GB', { maximumFractionDigits: 6 }).format(quantity as Intl.StringNumericLiteral);
}

/** How long ago an instant is, in words. */
export function formatAgo(at: string, now: number = Date.now()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  const steps = [[60, 1, 'second'], [3600, 60, 'minute'], [86_400, 3600, 'hour'], [2_592_000, 86_400, 'day']] as const;
  for (const [limit, size, unit] of steps) if (Math.abs(seconds) < limit) return words.format(Math.round(seconds / size), unit);
  return formatInstant(at, 'date');
}

/** A French telephone number in pairs of digits; anything else as it is. */
export function formatPhone(phone: string): string {
  return /^0\d{9}$/.test(phone) ? phone.replace(/(\d{2})(?=\d)/g, '$1 ') : phone;
}

/** A size in bytes for reading. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${formatNumber(Math.round(bytes / 1024))} KB`;
}
