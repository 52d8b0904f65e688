import { Group, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LedgerYearView } from '@/api/schema';
import { formatDay } from '@/lib/format';
import { type Period, presets } from './period';
import { useYears } from './queries';

/** Months, quarters, fiscal years, or any days. `always` says what stands for no period; without it there must be one. */
export function PeriodPicker({ entity, value, always, onChange }: { entity: string; value: Period; always?: string; onChange: (period: Period) => void }) {
  const { t } = useTranslation();
  const years = useYears(entity);
  const known = presets(years.data ?? []);
  const chosen = known.find(({ period }) => period.from === value.from && period.to === value.to)?.name;
  const nameOf = (name: string) => {
    const year = years.data?.find((one) => one.id === name);
    return year ? yearName(year) : t(`books.period.${name as 'month'}`);
  };
  const none = value.from === undefined && value.to === undefined;
  const data = [
    ...(always !== undefined ? [{ value: 'always', label: always }] : []),
    ...known.map(({ name }) => ({ value: name, label: name.length > 20 ? t('books.period.year', { year: nameOf(name) }) : nameOf(name) })),
    { value: 'days', label: t('books.period.days') },
  ];
  const choose = (name: string | null) => {
    const found = known.find((one) => one.name === name);
    if (found) onChange(found.period);
    else if (name === 'always') onChange({ from: undefined, to: undefined });
  };
  return (
    <Group gap={6} wrap="wrap" role="group" aria-label={t('books.period.label')}>
      <Select aria-label={t('books.period.label')} allowDeselect={false} data={data} value={chosen ?? (none ? 'always' : 'days')} onChange={choose} w={190} />
      <Group gap={6} wrap="nowrap">
        <TextInput type="date" aria-label={t('books.period.from')} value={value.from ?? ''} onChange={(event) => onChange({ ...value, from: event.currentTarget.value || undefined })} w={136} />
        <span className="muted" aria-hidden>→</span>
        <TextInput type="date" aria-label={t('books.period.to')} value={value.to ?? ''} onChange={(event) => onChange({ ...value, to: event.currentTarget.value || undefined })} w={136} />
      </Group>
    </Group>
  );
}

/** A fiscal year by the calendar year it lies in, or by its days. */
export function yearName(year: LedgerYearView): string {
  const whole = year.starts_on.endsWith('-01-01') && year.ends_on.endsWith('-12-31');
  return whole ? year.ends_on.slice(0, 4) : `${formatDay(year.starts_on)} – ${formatDay(year.ends_on)}`;
}
