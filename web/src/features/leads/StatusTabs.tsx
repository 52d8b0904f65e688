import { useTranslation } from 'react-i18next';
import type { LeadStatus } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import css from './leads.module.css';
import { useLeadStats } from './queries';
import { LEAD_STATUSES } from './status';

/** The states as pills to filter by, with the counts of the week where one is chosen. */
export function StatusTabs({ status, week, onChange }: { status: LeadStatus | undefined; week: string | undefined; onChange: (status: LeadStatus | undefined) => void }) {
  const { t } = useTranslation();
  const stats = useLeadStats(week);
  const counts = week === undefined ? undefined : stats.data;
  return (
    <div className={css.tabs} role="group" aria-label={t('common.status')}>
      <button type="button" className={css.tab} aria-pressed={status === undefined} onClick={() => onChange(undefined)}>
        {t('common.all')} {counts && <span className="num">{formatNumber(counts.total)}</span>}
      </button>
      {LEAD_STATUSES.map((one) => (
        <button type="button" key={one} className={css.tab} aria-pressed={status === one} onClick={() => onChange(status === one ? undefined : one)}>
          {t(`leads.status.${one}`)} {counts && <span className="num">{formatNumber(counts.by_status[one] ?? 0)}</span>}
        </button>
      ))}
    </div>
  );
}
