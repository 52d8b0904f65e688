import type { NotificationData } from '@mantine/notifications';

/** Says something in the corner of the screen. Loaded when there is something to say. */
export async function notify(data: NotificationData): Promise<void> {
  const { notifications } = await import('./NotificationHost');
  notifications.show(data);
}
