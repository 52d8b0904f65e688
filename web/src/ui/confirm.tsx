import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './overlays';

/** A button that asks before it acts: what follows, and the word of the act itself to confirm with. */
export function ConfirmButton({ title, children, act, label, danger, primary, compact, disabled, loading, icon, onConfirm }: {
  title: string; children: ReactNode; act?: string; label: string; danger?: boolean; primary?: boolean; compact?: boolean; disabled?: boolean; loading?: boolean; icon?: ReactNode; onConfirm: () => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={primary ? 'filled' : 'default'} leftSection={icon} disabled={disabled ?? false} loading={loading ?? false} onClick={() => setOpen(true)} {...(compact && { size: 'compact-sm' })} {...(danger && { c: 'var(--bad)' })}>{label}</Button>
      {open && (
        <Dialog onClose={() => setOpen(false)} title={title}>
          <Stack>
            <Text component="div" size="sm">{children}</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
              <Button
                data-autofocus
                {...(danger && { color: 'red.8' })}
                onClick={() => {
                  setOpen(false);
                  onConfirm();
                }}
              >
                {act ?? label}
              </Button>
            </Group>
          </Stack>
        </Dialog>
      )}
    </>
  );
}
