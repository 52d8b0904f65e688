import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { ConfirmButton } from '@/ui/confirm';
import { Toolbar } from '@/ui/layout';

/** Lets every dead letter try again at once, for when what they failed for is mended. */
export function RequeueAll() {
  const { t } = useTranslation();
  const requeue = api.useMutation('post', '/api/operations/jobs/requeue', useOutcome({ done: t('operations.requeuedAll') }));
  return (
    <Toolbar label={t('operations.tabs.dead')}>
      <ConfirmButton
        title={t('operations.requeueAll')}
        label={t('operations.requeueAll')}
        act={t('operations.requeue')}
        icon={<IconRefresh size={14} />}
        loading={requeue.isPending}
        onConfirm={() => requeue.mutate({ body: {} })}
      >
        {t('operations.requeueAllAbout')}
      </ConfirmButton>
    </Toolbar>
  );
}
