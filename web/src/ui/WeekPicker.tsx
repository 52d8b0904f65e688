import { ActionIcon, Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatWeek } from '@/lib/format';
import { shiftWeek } from '@/lib/week';

/** One week at a time, by its days; `current` is the week of today, as the service says. */
export function WeekPicker({ week, current, onChange, clearable }: {
  week: string | undefined; current: string | undefined; onChange: (week: string | undefined) => void; clearable?: boolean;
}) {
  const { t } = useTranslation();
  const shown = week ?? (clearable ? undefined : current);
  const from = shown ?? current;
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label={t('common.week')}>
      <ActionIcon aria-label={t('week.previous')} disabled={!from} onClick={() => from && onChange(shiftWeek(from, -1))}><IconChevronLeft size={16} /></ActionIcon>
      <Button variant="default" className="num" title={t('week.current')} onClick={() => onChange(clearable ? current : undefined)} miw={210}>
        {shown ? t('week.label', formatWeek(shown)) : t('week.any')}
      </Button>
      <ActionIcon aria-label={t('week.next')} disabled={!from} onClick={() => from && onChange(shiftWeek(from, 1))}><IconChevronRight size={16} /></ActionIcon>
      {clearable && week !== undefined && <ActionIcon aria-label={t('week.any')} onClick={() => onChange(undefined)}><IconX size={15} /></ActionIcon>}
    </Group>
  );
}
