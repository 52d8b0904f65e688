import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import { settleScope, whoQuery } from '@/app/session';
import { Password } from '@/ui/Password';
import { ProblemBox } from '@/ui/states';
import css from './account.module.css';
import { Gate } from './Gate';

const route = getRouteApi('/login');

/** Signing in: address and password, then the code of the authenticator where one is used. */
export function Login() {
  const { t } = useTranslation();
  const { back } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [second, setSecond] = useState(false);
  const form = useForm({ initialValues: { email: '', password: '', totp: '' } });
  const login = api.useMutation('post', '/api/auth/login', {
    onSuccess: async (who) => {
      queries.clear();
      queries.setQueryData(whoQuery.queryKey, who);
      settleScope(who);
      await navigate({ to: back ?? '/', replace: true });
    },
    onError: (error) => {
      if (Problem.from(error).code === 'totp_required') setSecond(true);
    },
  });
  const problem = login.error === null ? undefined : Problem.from(login.error);
  const submit = form.onSubmit(({ email, password, totp }) => {
    login.mutate({ body: { email, password, ...(second && totp !== '' && { totp: totp.replaceAll(' ', '') }) } });
  });
  return (
    <Gate title={t('login.title')}>
      <form className={css.form} onSubmit={submit}>
        {problem && problem.code !== 'totp_required' && <ProblemBox error={problem} />}
        <TextInput size="sm" label={t('login.email')} type="email" autoComplete="username" required autoFocus {...form.getInputProps('email')} />
        <Password size="sm" label={t('login.password')} autoComplete="current-password" required {...form.getInputProps('password')} />
        {second && (
          <TextInput size="sm" label={t('login.code')} description={t('login.codeAbout')} autoComplete="one-time-code" autoFocus required {...form.getInputProps('totp')} />
        )}
        <Button size="sm" type="submit" loading={login.isPending}>{t('login.submit')}</Button>
      </form>
      <Link to="/forgot-password">{t('login.forgot')}</Link>
    </Gate>
  );
}
