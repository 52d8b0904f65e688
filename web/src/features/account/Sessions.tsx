import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { SessionView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatInstant } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { notify } from '@/ui/notify';
import { Loaded } from '@/ui/states';
import css from './account.module.css';

/** Where one is signed in here, and the way to end all of it but this. */
export function Sessions() {
  const { t } = useTranslation();
  const sessions = api.useQuery('get', '/api/auth/sessions');
  const outcome = useOutcome();
  const end = api.useMutation('post', '/api/auth/sessions/ending', {
    onError: outcome.onError,
    onSuccess: async ({ ended }) => {
      await notify({ message: t('account.ended', { count: ended }), color: 'teal' });
      await outcome.onSuccess();
    },
  });
  return (
    <div className={css.form}>
      <Loaded query={sessions} height={80}>{({ items }) => <List sessions={items} />}</Loaded>
      <Group justify="space-between" wrap="nowrap"><span className="muted">{t('account.sessionsAbout')}</span><Button variant="default" loading={end.isPending} onClick={() => end.mutate({ body: {} })}>{t('account.endOthers')}</Button></Group>
    </div>
  );
}

function List({ sessions }: { sessions: readonly SessionView[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain" aria-label={t('account.sessions')}>
      <thead>
        <tr>
          <th scope="col">{t('account.device')}</th>
          <th scope="col">{t('account.address')}</th>
          <th scope="col">{t('account.openedAt')}</th>
          <th scope="col">{t('account.endsAt')}</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <td>{session.is_this && <Pill tone="good">{t('account.thisSession')}</Pill>} <span className="muted">{session.user_agent}</span></td>
            <td className="num">{session.ip}</td>
            <td className="num">{formatInstant(session.created_at)}</td>
            <td className="num">{formatInstant(session.expires_at, 'date')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
