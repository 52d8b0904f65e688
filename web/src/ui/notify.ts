import type { NotificationData } from '@mantine/notifications';

type Notifications = typeof import('./NotificationHost');

/** For browsers that do not say when they are idle. */
const LATER_MS = 3000;

let host: ((loaded: Notifications) => void) | undefined;
let loaded: Notifications | undefined;

/** Told when there is first something to say, so that what shows it is loaded then and not before. */
export function onFirstNotification(handler: (loaded: Notifications) => void): void {
  host = handler;
}

/** Fetches it while the browser has nothing else to do: what must be said when the connection is lost could not be fetched then. */
export function fetchAhead(): void {
  if ('requestIdleCallback' in window) requestIdleCallback(ahead);
  else setTimeout(ahead, LATER_MS);
}

function ahead(): void {
  // Should it fail now, the first thing to say fetches it again.
  void import('./NotificationHost').catch(() => undefined);
}

/** Says something in the corner of the screen. */
export async function notify(data: NotificationData): Promise<void> {
  if (!loaded) {
    loaded = await import('./NotificationHost');
    host?.(loaded);
  }
  loaded.notifications.show(data);
}
