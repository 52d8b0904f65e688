import { Checkbox, Group, SegmentedControl, Stack } from '@mantine/core';
import { Calendar } from '@mantine/dates';
import '@mantine/dates/styles.css';
import 'dayjs/locale/fr';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DeliveryCalendar as EntityDays } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useOutcome } from '@/app/outcome';
import { useOneEntity, useWho } from '@/app/session';
import { formatDay } from '@/lib/format';
import { Panel, Split } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import css from './settings.module.css';

/** Monday first, as the service counts them. */
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** When an entity delivers: its days of the week, and the dates on which it is closed, by a click on the day. */
export function DeliveryCalendar() {
  const { t, i18n } = useTranslation();
  const { entities } = useWho();
  const scoped = useScope();
  const [chosen, setChosen] = useState<string>();
  const entity = chosen ?? entities.find((one) => one.code === scoped)?.code ?? entities[0]?.code ?? '';
  const oneEntity = useOneEntity();
  const stored = api.useQuery('get', '/api/settings/delivery-calendar', {});
  const inForce = api.useQuery('get', '/api/calendar', {});
  const save = api.useMutation('put', '/api/settings/delivery-calendar', useOutcome());
  return (
    <Loaded query={{ ...inForce, data: stored.data && inForce.data, isError: inForce.isError || stored.isError, error: inForce.error ?? stored.error, refetch: () => Promise.all([inForce.refetch(), stored.refetch()]) }} height={420}>
      {(calendars) => {
        const known = calendars.find((one) => one.entity === entity)?.calendar;
        if (!known) return <Empty title={t('common.notFound')} />;
        // What was clicked shows at once; should it be refused, what holds comes back.
        const days = { ...known, ...(save.isPending ? save.variables.body.per_entity[entity] : undefined) } as EntityDays;
        // While it is saved nothing else is taken, but not switched off either: that would take the keyboard from it.
        const change = (changed: Partial<EntityDays>) => !save.isPending && save.mutate({ body: { per_entity: { [entity]: changed }, version: stored.data?.version ?? null } });
        return (
          <Split>
            <Panel
              title={t('settings.closingDays')}
              actions={entities.length > 1 && <SegmentedControl aria-label={t('common.entity')} value={entity} data={entities.map((one) => one.code)} onChange={setChosen} />}
            >
              <Stack>
                <Group gap="sm" role="group" aria-label={t('settings.weekdays')}>
                  {WEEKDAYS.map((day) => (
                    <Checkbox
                      key={day}
                      label={t(`settings.weekday.${day}`)}
                      checked={days.enabled_days?.includes(day) ?? false}
                      disabled={!oneEntity}
                      aria-disabled={save.isPending || undefined}
                      onChange={(event) => change({ enabled_days: event.currentTarget.checked ? [...(days.enabled_days ?? []), day].toSorted() : (days.enabled_days ?? []).filter((one) => one !== day) })}
                    />
                  ))}
                </Group>
                <Month days={days} locale={i18n.language} mayChange={oneEntity} saving={save.isPending} onToggle={(date) => change({ disabled_dates: toggled(days.disabled_dates ?? [], date) })} />
                <div className="muted">{t(oneEntity ? 'settings.clickDay' : 'common.oneEntity')}</div>
              </Stack>
            </Panel>
            <Panel title={t('settings.closed')}><Closed dates={days.disabled_dates ?? []} /></Panel>
          </Split>
        );
      }}
    </Loaded>
  );
}

function Month({ days, locale, mayChange, saving, onToggle }: { days: EntityDays; locale: string; mayChange: boolean; saving: boolean; onToggle: (date: string) => void }) {
  const { t } = useTranslation();
  const look = (date: string) => {
    const weekday = (new Date(`${date}T12:00:00`).getDay() + 6) % 7;
    if (days.disabled_dates?.includes(date)) return 'closed';
    return days.enabled_days?.includes(weekday) ? 'open' : 'off';
  };
  return (
    <Calendar
      locale={locale}
      size="md"
      maxLevel="year"
      weekendDays={[]}
      className={css.month ?? ''}
      ariaLabels={{ nextMonth: t('settings.nextMonth'), previousMonth: t('settings.previousMonth') }}
      getDayProps={(date) => ({
        'data-look': look(date),
        'aria-pressed': look(date) === 'closed',
        'aria-label': `${formatDay(date, 'dateLong')}: ${t(`settings.look.${look(date)}`)}`,
        'aria-disabled': saving || undefined,
        disabled: !mayChange,
        onClick: () => onToggle(date),
      })}
    />
  );
}

function Closed({ dates }: { dates: readonly string[] }) {
  const { t } = useTranslation();
  if (dates.length === 0) return <span className="muted">{t('settings.noneClosed')}</span>;
  return <ul className={css.dates}>{dates.map((date) => <li key={date}>{formatDay(date, 'dateLong')}</li>)}</ul>;
}

function toggled(dates: readonly string[], date: string): string[] {
  return dates.includes(date) ? dates.filter((one) => one !== date) : [...dates, date].toSorted();
}
