import { type ComponentType, useEffect, useState } from 'react';
import { onFirstNotification } from './notify';

/** Where notifications are shown, from the first one on. */
export function Notices() {
  const [shown, setShown] = useState<{ Host: ComponentType }>();
  useEffect(() => onFirstNotification(({ NotificationHost }) => setShown({ Host: NotificationHost })), []);
  return shown && <shown.Host />;
}
