import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DeliveryRow } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { ConfirmButton } from '@/ui/confirm';
import { notify } from '@/ui/notify';
import { SendSelected } from './SendSelected';

interface Report {
  done: readonly string[];
  refused: readonly { detail: string }[];
}

/** What may be done with the deliveries selected; each button counts those it is for. */
export function BulkDeliveries({ rows, clear }: { rows: DeliveryRow[]; clear: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const oneEntity = useOneEntity();
  const { onError } = useOutcome();
  const onSuccess = async ({ done, refused }: Report) => {
    clear();
    await notify({ message: t('deliveries.bulk.done', { count: done.length }), color: 'teal' });
    if (refused.length > 0) await notify({ title: t('deliveries.bulk.refused', { count: refused.length }), message: [...new Set(refused.map((one) => one.detail))].join('\n'), color: 'red', autoClose: false });
    await queries.invalidateQueries();
  };
  const cancel = api.useMutation('post', '/api/deliveries/batch/cancel', { onSuccess, onError });
  const reset = api.useMutation('post', '/api/deliveries/batch/reset', { onSuccess, onError });
  const ids = (action: string) => rows.filter((row) => row.can.includes(action)).map((row) => row.id);
  const [failed, open] = [ids('reset'), ids('cancel')];
  return (
    <>
      {failed.length > 0 && (
        <ConfirmButton label={`${t('deliveries.reset')} (${failed.length})`} title={t('deliveries.bulk.resetTitle')} disabled={!oneEntity} loading={reset.isPending} onConfirm={() => reset.mutate({ body: { ids: failed } })}>{t('deliveries.bulk.resetAbout')}</ConfirmButton>
      )}
      {open.length > 0 && (
        <ConfirmButton danger label={`${t('deliveries.cancel')} (${open.length})`} title={t('deliveries.bulk.cancelTitle')} disabled={!oneEntity} loading={cancel.isPending} onConfirm={() => cancel.mutate({ body: { ids: open } })}>{t('deliveries.follows.cancel')}</ConfirmButton>
      )}
      <SendSelected rows={rows} clear={clear} />
    </>
  );
}
