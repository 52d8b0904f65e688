import type { NotificationData } from '@mantine/notifications';

type Notifications = typeof import('./NotificationHost');

let host: ((loaded: Notifications) => void) | undefined;
let loaded: Notifications | undefined;

/** Told when there is first something to say, so that what shows it is loaded then and not before. */
export function onFirstNotification(handler: (loaded: Notifications) => void): void {
  host = handler;
}

/** Says something in the corner of the screen. */
export async function notify(data: NotificationData): Promise<void> {
  if (!loaded) {
    loaded = await import('./NotificationHost');
    host?.(loaded);
  }
  loaded.notifications.show(data);
}
