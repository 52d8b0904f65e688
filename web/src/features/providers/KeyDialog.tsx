import { Button, Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProviderWithKey } from '@/api/schema';
import { CopyField } from '@/ui/CopyField';
import { Dialog } from '@/ui/overlays';

/** The key of a provider, shown this once. */
export function KeyDialog({ provider, onClose }: { provider: ProviderWithKey; onClose: () => void }) {
  const { t } = useTranslation();
  const example = `curl ${location.origin}/api/public/leads \\\n  -H 'authorization: Bearer ${provider.api_key}' \\\n  -H 'content-type: application/json' \\\n  -d '{"session_id": "1", "form_code": "…", "phone": "06 12 34 56 78", "nom": "Martin", "departement": "75", "rgpd_consent": true}'`;
  return (
    <Dialog onClose={onClose} title={t('providers.key', { name: provider.name })} closeOnClickOutside={false} size="lg">
      <Stack>
        <div>{t('providers.keyOnce')}</div>
        <CopyField label={t('providers.key', { name: provider.name })} value={provider.api_key} />
        <div className="muted">{t('providers.example')}</div>
        <CopyField label={t('providers.example')} value={example} />
        <Group justify="flex-end"><Button onClick={onClose}>{t('providers.keyKept')}</Button></Group>
      </Stack>
    </Dialog>
  );
}
