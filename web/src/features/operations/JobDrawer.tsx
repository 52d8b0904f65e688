import { Button, Code, Group, Stack } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { formatInstant } from '@/lib/format';
import { Facts } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { Loaded } from '@/ui/states';
import { JobPill } from './Jobs';

/** One job: what it was to do, why it failed, and a way to let it try again. */
export function JobDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const path = { params: { path: { id } } };
  const job = api.useQuery('get', '/api/operations/jobs/{id}', path);
  const requeue = api.useMutation('post', '/api/operations/jobs/{id}/requeue', useOutcome({ done: t('operations.requeued') }));
  return (
    <Side onClose={onClose} title={job.data?.kind ?? t('operations.job')}>
      <Loaded query={job}>
        {(view) => (
          <Stack>
            <Facts
              facts={[
                [t('common.status'), <JobPill key="state" state={view.state} />],
                [t('deliveries.attempts'), `${view.attempts}/${view.max_attempts}`],
                [t('operations.key'), view.key && <span key="key" className="mono">{view.key}</span>],
                [t('common.created'), formatInstant(view.created_at, 'precise')],
                [t('operations.due'), formatInstant(view.run_at, 'precise')],
                [t('operations.finished'), view.finished_at && formatInstant(view.finished_at, 'precise')],
                [t('deliveries.error'), view.last_error],
              ]}
            />
            <strong>{t('operations.payload')}</strong>
            <Code block tabIndex={0}>{JSON.stringify(view.payload, null, 2)}</Code>
            {view.state === 'dead' && (
              <Group><Button leftSection={<IconRefresh size={14} />} loading={requeue.isPending} onClick={() => requeue.mutate(path)}>{t('operations.requeue')}</Button></Group>
            )}
          </Stack>
        )}
      </Loaded>
    </Side>
  );
}
