import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ProblemBox } from '@/ui/states';
import css from './account.module.css';
import { Gate } from './Gate';

/** Asks for a link that sets a new password. What is said does not tell whether the address is known. */
export function ForgotPassword() {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { email: '' } });
  const ask = api.useMutation('post', '/api/auth/forgot-password');
  return (
    <Gate title={t('reset.forgot')}>
      {ask.isSuccess ? <p role="status">{t('reset.mailed')}</p> : (
        <form className={css.form} onSubmit={form.onSubmit((body) => ask.mutate({ body }))}>
          <div className="muted">{t('reset.forgotAbout')}</div>
          {ask.isError && <ProblemBox error={ask.error} />}
          <TextInput size="sm" label={t('login.email')} type="email" autoComplete="username" required autoFocus {...form.getInputProps('email')} />
          <Button size="sm" type="submit" loading={ask.isPending}>{t('reset.ask')}</Button>
        </form>
      )}
      <Link to="/login">{t('reset.toLogin')}</Link>
    </Gate>
  );
}
