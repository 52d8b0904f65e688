import { Button } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { showFieldErrors } from '@/app/field-errors';
import { Password } from '@/ui/Password';
import { ProblemBox } from '@/ui/states';
import css from './account.module.css';
import { Gate } from './Gate';

/** Sets a new password with the link that came by mail. The token stands behind the #, so that no server log holds it. */
export function ResetPassword() {
  const { t } = useTranslation();
  const { hash } = useLocation();
  const [token] = useState(() => new URLSearchParams(hash).get('token') ?? '');
  const form = useForm({
    initialValues: { password: '', again: '' },
    validate: {
      password: (password) => (password.length >= 12 ? null : t('users.passwordAbout')),
      again: (password, values) => (password === values.password ? null : t('account.different')),
    },
  });
  const reset = api.useMutation('post', '/api/auth/reset-password', { onError: (error) => void showFieldErrors(form, error) });
  return (
    <Gate title={t('reset.title')}>
      {reset.isSuccess ? <p role="status">{t('reset.done')}</p> : (
        <form className={css.form} onSubmit={form.onSubmit(({ password }) => reset.mutate({ body: { token, password } }))}>
          {reset.isError && <ProblemBox error={reset.error} />}
          <Password size="sm" label={t('account.new')} description={t('users.passwordAbout')} autoComplete="new-password" required autoFocus {...form.getInputProps('password')} />
          <Password size="sm" label={t('account.again')} autoComplete="new-password" required {...form.getInputProps('again')} />
          <Button size="sm" type="submit" loading={reset.isPending}>{t('reset.set')}</Button>
        </form>
      )}
      <Link to={reset.isError ? '/forgot-password' : '/login'}>{t(reset.isError ? 'reset.again' : 'reset.toLogin')}</Link>
    </Gate>
  );
}
