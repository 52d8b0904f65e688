import type { TFunction } from 'i18next';
import type { StoredEvent } from '@/api/schema';
import { errorText, reasonText } from '@/features/leads/reason';
import { sharePercent } from '@/features/orders/order-text';
import { formatDay, formatMoney, formatWeekShort } from '@/lib/format';

const MOST = 6;
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const WEEK = /^\d{4}-W\d\d$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Told as amounts, in the currency that stands beside them. */
const AMOUNTS: ReadonlySet<string> = new Set(['amount', 'net', 'vat', 'gross', 'balance']);

/** What is told elsewhere in the line, or only to machines. */
const UNTOLD: ReadonlySet<string> = new Set(['accepted', 'by', 'currency', 'kind', 'transport', 'searched', 'lead_source_type', 'about', 'roles', 'subject', 'cause']);

type Details = Record<string, unknown>;

/** The small print of an event, in words: what it is about, and of each field that changed what it was and is. */
export function detailText(t: TFunction, event: Pick<StoredEvent, 'details'>): string {
  const { old: was, new: is, ...rest } = (event.details ?? {}) as Details;
  return [...toldOf(t, rest), ...changesOf(t, was, is)].slice(0, MOST).join(' · ');
}

function toldOf(t: TFunction, details: Details): string[] {
  return Object.entries(details).flatMap(([key, value]) => {
    if (UNTOLD.has(key) || key.endsWith('_id') || value === false || UUID.test(String(value))) return [];
    if (value === true) return [labelOf(t, key)];
    const told = AMOUNTS.has(key) && typeof value === 'string' ? formatMoney(value, currencyOf(details)) : valueText(t, key, value);
    return told === '' ? [] : [t('activity.field', { label: labelOf(t, key), value: told })];
  });
}

function changesOf(t: TFunction, was: unknown, is: unknown): string[] {
  if (!isDetails(is)) return is === undefined || is === null ? [] : [changed(t, 'status', was, is)];
  const old = isDetails(was) ? was : {};
  return Object.entries(is).flatMap(([key, value]) => {
    const text = changed(t, key, old[key], value);
    return text === '' ? [] : [t('activity.field', { label: labelOf(t, key), value: text })];
  });
}

function changed(t: TFunction, key: string, was: unknown, is: unknown): string {
  const text = valueText(t, key, is);
  if (was === undefined || was === null) return text;
  return `${valueText(t, key, was) || '–'} → ${text || '–'}`;
}

function currencyOf({ currency }: Details): string {
  return typeof currency === 'string' ? currency : 'EUR';
}

/** A value as people read it; nothing for what is no plain value. */
function valueText(t: TFunction, key: string, value: unknown): string {
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? value.map((one: string) => (one === '*' ? t('orders.everywhere') : one)).join(', ') : '';
  if (typeof value !== 'string' || UUID.test(value)) return '';
  if (key === 'error') return errorText(t, value) ?? '';
  if (key === 'key') return t(`activity.setting.${value.replace('.', '_')}` as 'activity.setting.leads_forms', { defaultValue: value });
  if (key === 'lb_target_pct' || key === 'target' || key === 'current') return sharePercent(value);
  if (key === 'status') return t(`leads.status.${value}` as 'leads.status.new', { defaultValue: t(`deliveries.status.${value}` as 'deliveries.status.sent', { defaultValue: value }) });
  if (key === 'role') return t(`role.${value}` as 'role.admin', { defaultValue: value });
  if (key === 'severity') return t(`activity.weight.${value}` as 'activity.weight.info', { defaultValue: value });
  if (key === 'method') return t(`activity.method.${value}` as 'activity.method.card', { defaultValue: value });
  if (DAY.test(value)) return formatDay(value);
  return WEEK.test(value) ? formatWeekShort(value) : reasonText(t, value);
}

function labelOf(t: TFunction, key: string): string {
  return t(`activity.label.${key}` as 'activity.label.quota_semaine', { defaultValue: key.replaceAll('_', ' ') });
}

function isDetails(value: unknown): value is Details {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
