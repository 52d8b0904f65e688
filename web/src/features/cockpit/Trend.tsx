import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useScope } from '@/api/scope';
import { formatWeekShort } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { Loaded } from '@/ui/states';

/** The last twelve weeks: what came in, what was sent, what came back. */
export function Trend({ week }: { week: string }) {
  const { t } = useTranslation();
  const trend = api.useQuery('get', '/api/leads/trend', { params: { query: { entity: useScope(), week, weeks: 12 } } });
  return (
    <Loaded query={trend} height={220}>
      {({ weeks }) => (
        <WeekBars
          label={t('cockpit.trend')}
          rows={weeks.map((one) => ({ label: formatWeekShort(one.week), created: one.created, sent: one.sent, returned: one.rejected + one.removed }))}
          series={[
            { name: 'created', label: t('cockpit.created'), tone: 'line-strong' },
            { name: 'sent', label: t('buyers.sent'), tone: 'accent' },
            { name: 'returned', label: t('cockpit.returned'), tone: 'bad' },
          ]}
        />
      )}
    </Loaded>
  );
}
