import { Group, Input } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { UserView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { ConfirmButton } from '@/ui/confirm';
import { notify } from '@/ui/notify';

/** What follows an ending of sessions: how many there were is said. */
function useEnded() {
  const { t } = useTranslation();
  const outcome = useOutcome();
  return {
    onError: outcome.onError,
    onSuccess: async ({ ended }: { ended: number }) => {
      await notify({ message: t('account.ended', { count: ended }), color: 'teal' });
      await outcome.onSuccess();
    },
  };
}

/** Signs a user out everywhere here. */
export function EndSessionsOf({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const end = api.useMutation('post', '/api/auth/users/{id}/sessions/ending', useEnded());
  return (
    <Input.Wrapper label={t('account.sessions')} description={t('users.endSessionsAbout')} labelElement="div">
      <Group mt={6}>
        <ConfirmButton label={t('users.endSessions')} title={`${t('users.endSessions')} · ${user.name}`} loading={end.isPending} onConfirm={() => end.mutate({ params: { path: { id: user.id } } })}>{t('users.endSessionsAbout')}</ConfirmButton>
      </Group>
    </Input.Wrapper>
  );
}

/** Signs everybody out whom one manages, but for oneself. */
export function EndAllSessions() {
  const { t } = useTranslation();
  const end = api.useMutation('post', '/api/auth/users/sessions/ending', useEnded());
  return <ConfirmButton label={t('users.endAll')} title={t('users.endAll')} loading={end.isPending} onConfirm={() => end.mutate({ body: {} })}>{t('users.endAllAbout')}</ConfirmButton>;
}
