import { useTranslation } from 'react-i18next';
import type { StoredEvent } from '@/api/schema';
import { formatAgo, formatInstant } from '@/lib/format';
import css from './activity.module.css';
import { detailText } from './detail-text';
import { actorText, eventText } from './event-text';

/** What happened, newest first. */
export function EventList({ events }: { events: readonly StoredEvent[] }) {
  const { t } = useTranslation();
  if (events.length === 0) return <p className="muted">{t('activity.nothing')}</p>;
  return (
    <ol className={css.events}>
      {events.map((event) => (
        <li key={event.id} className={css.event} data-severity={event.severity}>
          <span className={css.dot} aria-hidden />
          <div>
            <div>{eventText(t, event)} <span className="muted">{t('activity.by', { name: actorText(t, event) })}</span></div>
            <div className={css.details}>{detailText(t, event)}</div>
          </div>
          <time className="muted num" dateTime={event.at} title={formatInstant(event.at, 'precise')}>{formatAgo(event.at)}</time>
        </li>
      ))}
    </ol>
  );
}
