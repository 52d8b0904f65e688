import { useTranslation } from 'react-i18next';
import type { CalendarBanner } from '@/api/schema';
import { formatDay } from '@/lib/format';
import css from './cockpit.module.css';

/** Green where today is a day of delivery, amber where it is not. */
export function Calendars({ calendar }: { calendar: readonly CalendarBanner[] }) {
  const { t } = useTranslation();
  return (
    <div className={css.calendars}>
      {calendar.map((one) => (
        <div key={one.entity} className={css.calendar} data-open={one.is_delivery_day}>
          <strong>{one.entity}</strong>
          <span>
            {one.is_delivery_day ? t('cockpit.deliversToday') : t('cockpit.closedToday')}
            {one.next_delivery_day && !one.is_delivery_day && ` ${t('cockpit.next', { day: formatDay(one.next_delivery_day, 'dateLong') })}`}
          </span>
        </div>
      ))}
    </div>
  );
}
