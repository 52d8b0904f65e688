import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Column } from './model';

/** Chooses the columns of a table. The first always stays: it names the row. */
export function ColumnChoice<T>({ columns, visibility, onChange }: {
  columns: readonly Column<T>[]; visibility: Record<string, boolean>; onChange: (next: Record<string, boolean>) => void;
}) {
  const { t } = useTranslation();
  return (
    <Popover position="top-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconColumns3 size={14} aria-hidden />}>{t('table.columns')}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {columns.slice(1).map(({ id, header }) => (
            <Checkbox key={id} label={header} checked={visibility[id] ?? true} onChange={(event) => onChange({ ...visibility, [id]: event.currentTarget.checked })} />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
