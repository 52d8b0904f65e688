import type { TFunction } from 'i18next';
import type { DeliveryRow } from '@/api/schema';

/** Reasons that carry what they are about behind a colon or within. */
const PATTERNS: readonly (readonly [RegExp, 'crossEntity' | 'sourceBlocked' | 'dayOff' | 'dateOff' | 'manual'])[] = [
  [/^cross_entity_(?<from>\w+)_to_(?<to>\w+)$/, 'crossEntity'],
  [/^source_blocked:(?<what>.+)$/, 'sourceBlocked'],
  [/^delivery_day_disabled:(?<what>.+)$/, 'dayOff'],
  [/^(?:delivery_)?date_disabled:(?<what>.+)$/, 'dateOff'],
  [/^manual:(?<what>.+)$/s, 'manual'],
];

/** Why a lead stands where it stands, in words; the service's own word where the catalogue has none. */
export function reasonText(t: TFunction, reason: string | null | undefined): string {
  if (!reason) return '';
  for (const [pattern, key] of PATTERNS) {
    const { from = '', to = '', what = '' } = pattern.exec(reason)?.groups ?? {};
    if (pattern.test(reason)) return t(`reason.${key}`, { from, to, what });
  }
  return t(`reason.code.${reason}`, { defaultValue: reason });
}

/** Why a delivery did not stay, in the buyer's words or in ours; nothing where it did. */
export function returnText(t: TFunction, { rejected_reason, removed_reason, cancelled_reason }: Pick<DeliveryRow, 'rejected_reason' | 'removed_reason' | 'cancelled_reason'>): string | undefined {
  if (rejected_reason) return rejected_reason;
  if (removed_reason) return t(`deliveries.removal.${removed_reason as 'autre'}`, { defaultValue: removed_reason });
  return reasonText(t, cancelled_reason) || undefined;
}

/** Why a delivery was not sent: our own reasons in words, a mail server's as it gave them. */
export function errorText(t: TFunction, error: string | null | undefined): string | undefined {
  const { channel, unknown } = /^client_not_deliverable: (?<channel>\w+)$|^send outcome unknown(?:: )?(?<unknown>.*)$/s.exec(error ?? '')?.groups ?? {};
  if (channel !== undefined) return t('deliveries.notDeliverable', { why: t(`buyers.undeliverable.${channel as 'no_valid_channel'}`, { defaultValue: channel }) });
  if (unknown !== undefined) return [t('deliveries.outcomeUnknown'), unknown].filter(Boolean).join(' · ');
  return error ?? undefined;
}
