import { Button } from '@mantine/core';
import { IconDownload, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, client } from '@/api/client';
import type { DeliveryRow } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { saveFile } from '@/lib/save-file';
import { ConfirmButton } from '@/ui/confirm';
import { ReasonDialog } from './ReasonDialog';

/** What may be done with a delivery now, as the service says. */
export function DeliveryActions({ delivery }: { delivery: DeliveryRow }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [asking, setAsking] = useState<'reject' | 'remove' | 'cancel'>();
  const path = { params: { path: { id: delivery.id } } };
  const send = api.useMutation('post', '/api/deliveries/{id}/send', useOutcome({ done: t('deliveries.onItsWay') }));
  const reset = api.useMutation('post', '/api/deliveries/{id}/reset', useOutcome({ done: t('deliveries.waitsAgain') }));
  const file = useMutation({
    mutationFn: async () => {
      const { data, response } = await client.GET('/api/deliveries/{id}/download', { ...path, parseAs: 'blob' });
      if (data) saveFile(data, response.headers.get('content-disposition'), 'leads.csv');
    },
    onError: useOutcome().onError,
  });
  const can = (action: string) => delivery.can.includes(action);
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  return (
    <>
      {can('download') && (
        <Button variant="default" leftSection={<IconDownload size={14} />} loading={file.isPending} onClick={() => file.mutate()}>{t('deliveries.csv')}</Button>
      )}
      {can('reset') && <Button variant="default" {...off} loading={reset.isPending} onClick={() => reset.mutate(path)}>{t('deliveries.reset')}</Button>}
      {can('cancel') && <Button variant="default" {...off} onClick={() => setAsking('cancel')}>{t('deliveries.cancel')}</Button>}
      {can('remove') && <Button variant="default" {...off} onClick={() => setAsking('remove')}>{t('deliveries.remove')}</Button>}
      {can('reject') && <Button variant="default" {...off} onClick={() => setAsking('reject')}>{t('deliveries.reject')}</Button>}
      {can('resend') && (
        <ConfirmButton label={t('deliveries.resend')} title={t('deliveries.resendTitle')} disabled={!oneEntity} loading={send.isPending} icon={<IconSend size={14} />} onConfirm={() => send.mutate({ ...path, body: { force: true } })}>
          {t('deliveries.resendAbout')}
        </ConfirmButton>
      )}
      {can('send') && (
        <Button leftSection={<IconSend size={14} />} {...off} loading={send.isPending} onClick={() => send.mutate({ ...path, body: {} })}>
          {t(delivery.status === 'failed' ? 'common.retry' : 'deliveries.send')}
        </Button>
      )}
      {asking && <ReasonDialog delivery={delivery} kind={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}
