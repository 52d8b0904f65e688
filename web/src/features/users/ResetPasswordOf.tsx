import { Button, Group, Input, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { UserView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Password } from '@/ui/Password';
import { ProblemBox } from '@/ui/states';

/** Gives a user a new password, and takes the second factor away where it was lost. All his sessions end. */
export function ResetPasswordOf({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [mustChange, setMustChange] = useState(true);
  const [totp, setTotp] = useState(false);
  const outcome = useOutcome({ done: t('users.resetDone') });
  const reset = api.useMutation('post', '/api/auth/users/{id}/reset-password', {
    onSuccess: async () => {
      setPassword('');
      await outcome.onSuccess();
    },
  });
  return (
    <Input.Wrapper label={t('users.reset')} description={t('users.resetAbout')} labelElement="div">
      <Group align="end" mt={6} grow preventGrowOverflow={false}>
        <Password aria-label={t('account.new')} placeholder={t('users.passwordAbout')} autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Button variant="default" disabled={password.length < 12} loading={reset.isPending} onClick={() => reset.mutate({ params: { path: { id: user.id } }, body: { password, must_change_password: mustChange, remove_totp: totp } })}>{t('users.reset')}</Button>
      </Group>
      <Switch mt="xs" label={t('users.mustChange')} checked={mustChange} onChange={(event) => setMustChange(event.currentTarget.checked)} />
      {user.totp_enabled && <Switch mt="xs" label={t('users.removeTotp')} checked={totp} onChange={(event) => setTotp(event.currentTarget.checked)} />}
      {reset.isError && <ProblemBox error={reset.error} />}
    </Input.Wrapper>
  );
}
