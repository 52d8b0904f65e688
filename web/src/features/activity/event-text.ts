import type { LinkProps } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { StoredEvent } from '@/api/schema';
import { thingLink } from '@/app/things';

/** What happened, in words; the action's own name where the catalogue has none. Of an alert, what it tells. */
export function eventText(t: TFunction, event: Pick<StoredEvent, 'action'> & Partial<Pick<StoredEvent, 'details'>>): string {
  const { kind } = (event.details ?? {}) as Record<string, unknown>;
  if (!event.action.startsWith('alert_') || typeof kind !== 'string') return actionText(t, event.action);
  return t('activity.field', { label: actionText(t, event.action), value: alertText(t, kind) });
}

export function actionText(t: TFunction, action: string): string {
  return t(`activity.action.${action.replace('.', '_')}` as 'activity.action.login', { defaultValue: action.replaceAll(/[_.]/g, ' ') });
}

/** Who did it; what the service does by itself has no name that means anything to people. */
export function actorText(t: TFunction, event: Pick<StoredEvent, 'actor_kind' | 'actor_name'>): string {
  return event.actor_kind === 'system' ? t(`activity.system.${event.actor_name.replaceAll(' ', '_')}` as 'activity.system.worker', { defaultValue: event.actor_name }) : event.actor_name;
}

/** The page of what it happened to, where there is one; of an alert, the list of those that tell the same. */
export function subjectLink({ subject_kind: kind, subject_id: id, details }: Pick<StoredEvent, 'subject_kind' | 'subject_id' | 'details'>): LinkProps | undefined {
  const { kind: alert, subject } = (details ?? {}) as Record<string, unknown>;
  if (kind === 'alert' && typeof alert === 'string') return { to: '/alerts', search: { kind: alert, ...(typeof subject === 'string' && { subject }) } };
  return thingLink(kind, id);
}

/** What a kind of alert says of a thing; its own name where the catalogue has none. */
export function alertText(t: TFunction, kind: string): string {
  return t(`activity.alert.${kind}` as 'activity.alert.jobs_dead', { defaultValue: kind.replaceAll('_', ' ') });
}
