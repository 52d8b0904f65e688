import { SegmentedControl } from '@mantine/core';
import { subDays } from 'date-fns';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView } from '@/api/schema';
import { formatDay, formatInstant, formatNumber, formatPercent } from '@/lib/format';
import { WeekBars } from '@/ui/chart';
import { Facts, Panel, Split } from '@/ui/layout';
import { Loaded } from '@/ui/states';

const SPANS = { day: 30, week: 84, month: 365 } as const;
type Span = keyof typeof SPANS;

/** What a buyer was sent and what it sent back, by day, week or month. */
export function Performance({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const [today] = useState(() => new Date());
  const [by, setBy] = useState<Span>('week');
  const from = subDays(today, SPANS[by]).toISOString().slice(0, 10);
  const summary = api.useQuery('get', '/api/clients/{id}/summary', { params: { path: { id: buyer.id }, query: { group_by: by, from } } });
  return (
    <Split>
      <Panel
        title={t('buyers.tabs.performance')}
        actions={<SegmentedControl aria-label={t('buyers.by')} value={by} onChange={(value) => setBy(value as Span)} data={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`buyers.span.${value}`) }))} />}
      >
        <Loaded query={summary} height={260}>
          {(data) => (
            <WeekBars
              stacked
              height={260}
              label={t('buyers.tabs.performance')}
              rows={data.periods.toReversed().map((period) => ({ label: formatDay(period.from, 'dayMonth'), billable: period.billable, rejected: period.rejected, removed: period.removed }))}
              series={[
                { name: 'billable', label: t('deliveries.billable'), tone: 'accent' },
                { name: 'rejected', label: t('deliveries.outcome.rejected'), tone: 'bad' },
                { name: 'removed', label: t('deliveries.outcome.removed'), tone: 'warn' },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title={t('common.total')}>
        <Loaded query={summary}>
          {({ total, last_delivery_at: last, next_delivery_day: next }) => (
            <Facts
              facts={[
                [t('buyers.sent'), formatNumber(total.sent)],
                [t('deliveries.billable'), formatNumber(total.billable)],
                [t('deliveries.outcome.rejected'), `${formatNumber(total.rejected)} (${formatPercent(total.reject_rate)})`],
                [t('deliveries.outcome.removed'), formatNumber(total.removed)],
                [t('deliveries.status.failed'), formatNumber(total.failed)],
                [t('buyers.lastDelivery'), last && formatInstant(last)],
                [t('buyers.nextDay'), next && formatDay(next, 'dateLong')],
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Split>
  );
}
