import { Button, Group, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Side } from './overlays';
import { ProblemBox } from './states';

/** A form at the side: what stands behind it stays in sight. */
export function FormDrawer({ title, onClose, onSubmit, saving, error, restored, onGiveUp, submitLabel, size, children }: {
  title: string; onClose: () => void; onSubmit: (event?: FormEvent<HTMLFormElement>) => void; saving: boolean; error: unknown;
  restored?: boolean; onGiveUp?: () => void; submitLabel?: string; size?: string; children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Side onClose={onClose} title={title} {...(size !== undefined && { size })}>
      <form
        noValidate
        onSubmit={(event) => {
          // A form may have opened this one: what is sent here is not for it.
          event.stopPropagation();
          onSubmit(event);
        }}
      >
        <Stack gap="sm">
          {restored && (
            <Group gap="xs" justify="space-between">
              <span className="muted">{t('common.draft')}</span>
              <Button variant="subtle" size="compact-xs" onClick={onGiveUp}>{t('common.giveUpDraft')}</Button>
            </Group>
          )}
          {children}
          {error !== null && error !== undefined && <ProblemBox error={error} />}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" loading={saving}>{submitLabel ?? t('common.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Side>
  );
}
