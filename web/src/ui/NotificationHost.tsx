import '@mantine/notifications/styles.css';
import { Notifications, notifications } from '@mantine/notifications';

export { notifications };

export function NotificationHost() {
  return <Notifications position="bottom-right" />;
}
