import { Button, Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { WebhookWithSecret } from '@/api/schema';
import { CopyField } from '@/ui/CopyField';
import { Dialog } from '@/ui/overlays';

/** The secret that signs what a webhook is told, shown this once. */
export function SecretDialog({ webhook, onClose }: { webhook: WebhookWithSecret; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog onClose={onClose} title={t('webhooks.secret', { name: webhook.name })} closeOnClickOutside={false} size="lg">
      <Stack>
        <div>{t('webhooks.secretOnce')}</div>
        <CopyField label={t('webhooks.secret', { name: webhook.name })} value={webhook.secret} />
        {webhook.previous_secret_until && <div className="muted">{t('webhooks.secretOverlap')}</div>}
        <Group justify="flex-end"><Button onClick={onClose}>{t('webhooks.secretKept')}</Button></Group>
      </Stack>
    </Dialog>
  );
}
