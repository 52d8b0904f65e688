import { Button, Group, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useOneEntity } from '@/app/session';
import { formatInstant } from '@/lib/format';
import { Fields } from '@/ui/Fields';
import { Panel } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';

/** One group of settings: what it is, who changed it last, and a button that saves it alone. */
export function SettingForm({ title, about, changed, saving, error, dirty, wide = false, onSubmit, children }: {
  title: string; about?: string; changed: { updated_at?: string | null; updated_by?: string | null } | undefined; saving: boolean; error: unknown; dirty: boolean;
  /** Holds for the whole organisation, so that no entity need be chosen. */
  wide?: boolean;
  onSubmit: (event?: FormEvent<HTMLFormElement>) => void; children: ReactNode;
}) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity() || wide;
  return (
    <Panel title={title}>
      <form onSubmit={onSubmit}>
        <Fields disabled={!oneEntity}>
          <Stack gap="sm">
            {about && <div className="muted">{about}</div>}
            {children}
            {error !== null && error !== undefined && <ProblemBox error={error} />}
            <Group justify="space-between">
              <span className="muted">{changed?.updated_at ? t('settings.changed', { at: formatInstant(changed.updated_at), by: changed.updated_by }) : ''}</span>
              <Button type="submit" loading={saving} disabled={!dirty} title={oneEntity ? undefined : t('common.oneEntity')}>{t('common.save')}</Button>
            </Group>
          </Stack>
        </Fields>
      </form>
    </Panel>
  );
}
