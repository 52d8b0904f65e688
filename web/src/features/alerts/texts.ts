import type { TFunction } from 'i18next';
import type { AlertRuleView, AlertView } from '@/api/schema';
import { language } from '@/i18n';
import { formatMoney, formatNumber } from '@/lib/format';

/** 4 January 1970 was a Sunday, the day that cron counts from. */
const A_SUNDAY_MS = 3 * 86_400_000;

/** When a kind of alert is told, in the reader's language; in the service's words where the catalogue has none. */
export function conditionText(t: TFunction, { kind, condition }: Pick<AlertRuleView, 'kind' | 'condition'>, threshold: number): string {
  const n = formatNumber(threshold);
  return t(`condition.${kind}` as 'alerts.title', { n, defaultValue: condition.replace('{n}', n) });
}

/** What an alert is about: an amount in its currency, a check by what it proves, and otherwise as the service tells it. */
export function aboutText(t: TFunction, { subject_kind, subject, text, details }: Pick<AlertView, 'subject_kind' | 'subject' | 'text' | 'details'>): string {
  const { number, balance, currency } = (details ?? {}) as Partial<Record<string, unknown>>;
  if (typeof number === 'string' && typeof balance === 'string' && typeof currency === 'string') return `${number} · ${formatMoney(balance, currency)}`;
  return subject_kind === 'check' ? t(`check.${subject}.proves` as 'alerts.title', { defaultValue: text }) : text;
}

/** How often something is looked for, in words where its cron expression has some, and otherwise as it is. */
export function rhythmText(t: TFunction, cron: string): string {
  const every = /^\*(?:\/(\d+))? \* \* \* \*$/.exec(cron);
  if (every) return t('alerts.rhythm.minutes', { count: Number(every[1] ?? 1) });
  const [, minute = '', hour = '', weekday = ''] = /^(\d+) (\*|\d+) \* \* (\*|\d)$/.exec(cron) ?? [];
  if (minute === '') return t('alerts.rhythm.own', { cron });
  if (hour === '*') return weekday === '*' ? hourly(t, minute) : t('alerts.rhythm.own', { cron });
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return weekday === '*' ? t('alerts.rhythm.daily', { time }) : t('alerts.rhythm.weekly', { day: weekdayText(Number(weekday)), time });
}

function hourly(t: TFunction, minute: string): string {
  return minute === '0' ? t('alerts.rhythm.hourly') : t('alerts.rhythm.hourlyAt', { minute });
}

function weekdayText(day: number): string {
  return new Intl.DateTimeFormat(language(), { weekday: 'long', timeZone: 'UTC' }).format(new Date(A_SUNDAY_MS + day * 86_400_000));
}
