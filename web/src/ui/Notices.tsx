import { type ComponentType, useEffect, useState } from 'react';
import { fetchAhead, onFirstNotification } from './notify';

/** Where notifications are shown, from the first one on. */
export function Notices() {
  const [shown, setShown] = useState<{ Host: ComponentType }>();
  useEffect(() => {
    onFirstNotification(({ NotificationHost }) => setShown({ Host: NotificationHost }));
    fetchAhead();
  }, []);
  return shown && <shown.Host />;
}
