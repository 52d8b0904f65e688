import { Button, Group } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useWho } from '@/app/session';
import { Password } from '@/ui/Password';
import { ProblemBox } from '@/ui/states';
import css from './account.module.css';

/** A change of one’s own password; `onDone` leads on from it. */
export function ChangePassword({ onDone }: { onDone?: () => Promise<void> }) {
  const { t } = useTranslation();
  const { user } = useWho();
  const form = useForm({
    initialValues: { current: '', new: '', again: '' },
    validate: {
      new: (password) => (password.length >= 12 ? null : t('users.passwordAbout')),
      again: (password, values) => (password === values.new ? null : t('account.different')),
    },
  });
  const outcome = useOutcome({ done: t('account.changed') });
  const change = api.useMutation('post', '/api/auth/password', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async () => {
      form.reset();
      await outcome.onSuccess();
      await onDone?.();
    },
  });
  return (
    <form className={css.form} onSubmit={form.onSubmit(({ current, new: fresh }) => change.mutate({ body: { current, new: fresh } }))}>
      <input type="email" autoComplete="username" value={user.email} readOnly hidden />
      <Password label={t('account.current')} autoComplete="current-password" required {...form.getInputProps('current')} />
      <Password label={t('account.new')} description={t('users.passwordAbout')} autoComplete="new-password" required {...form.getInputProps('new')} />
      <Password label={t('account.again')} autoComplete="new-password" required {...form.getInputProps('again')} />
      {change.isError && <ProblemBox error={change.error} />}
      <Group justify="space-between"><span className="muted">{t('account.endsOthers')}</span><Button type="submit" loading={change.isPending}>{t('common.save')}</Button></Group>
    </form>
  );
}
