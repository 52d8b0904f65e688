import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { ConfirmButton } from '@/ui/confirm';
import { notify } from '@/ui/notify';

/** For all that waits: prepare the files, or send those that are ready. */
export function BatchActions() {
  const { t } = useTranslation();
  const may = useMay();
  const oneEntity = useOneEntity();
  const outcome = useOutcome();
  const report = {
    ...outcome,
    onSuccess: async (done: { files: number; taken: number; dropped: number }) => {
      await notify({ message: t('deliveries.report', { count: done.taken, files: done.files, dropped: done.dropped }), color: 'teal' });
      await outcome.onSuccess();
    },
  };
  const prepare = api.useMutation('post', '/api/deliveries/batch/generate-csv', report);
  const send = api.useMutation('post', '/api/deliveries/batch/send-ready', report);
  return (
    <>
      {may('deliveries.reject') && (
        <ConfirmButton label={t('deliveries.prepare')} title={t('deliveries.prepareTitle')} disabled={!oneEntity} loading={prepare.isPending} onConfirm={() => prepare.mutate({ body: {} })}>
          {t('deliveries.prepareAbout')}
        </ConfirmButton>
      )}
      {may('deliveries.resend') && (
        <ConfirmButton label={t('deliveries.sendReady')} title={t('deliveries.sendReadyTitle')} disabled={!oneEntity} loading={send.isPending} onConfirm={() => send.mutate({ body: {} })}>
          {t('deliveries.sendReadyAbout')}
        </ConfirmButton>
      )}
    </>
  );
}
