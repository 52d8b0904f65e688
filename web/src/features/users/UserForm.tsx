import { Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Permission, Role, UserView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity, useWho } from '@/app/session';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { Password } from '@/ui/Password';
import { EndSessionsOf } from './EndSessionsOf';
import { PermissionMatrix } from './PermissionMatrix';
import { ResetPasswordOf } from './ResetPasswordOf';

/** A user: the preset of the role, and single permissions on top of it. A password typed is never kept as a draft. */
export function UserForm({ user, onClose }: { user?: UserView; onClose: () => void }) {
  const { t } = useTranslation();
  const { entities, user: me } = useWho();
  const here = useEntity();
  // Nobody changes what he may do himself.
  const own = user?.id === me.id;
  const keys = api.useQuery('get', '/api/auth/permission-keys', {}, { staleTime: 60 * 60_000 });
  const form = useForm({
    initialValues: {
      email: user?.email ?? '',
      name: user?.name ?? '',
      role: user?.role ?? ('viewer' as Role),
      entity: user?.entity ?? here ?? entities[0]?.code ?? '',
      password: '',
      is_active: user?.is_active ?? true,
      must_change_password: user?.must_change_password ?? true,
      permissions: { ...(user?.permissions as Partial<Record<Permission, boolean>> | undefined) },
    },
    validate: {
      email: (email) => (/^\S+@\S+\.\S+$/.test(email) ? null : t('common.badEmail')),
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      password: (password) => (user !== undefined || password.length >= 12 ? null : t('users.passwordAbout')),
    },
  });
  const outcome = useOutcome({ done: t('common.saved') });
  const after = {
    onError: (error: unknown) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  };
  const create = api.useMutation('post', '/api/auth/users', after);
  const update = api.useMutation('put', '/api/auth/users/{id}', after);
  const submit = form.onSubmit(({ email, password, is_active, permissions, ...values }) => {
    const preset = keys.data?.presets[values.role] ?? [];
    // Only what differs from the preset is single.
    const single = Object.fromEntries(Object.entries(permissions).filter(([key, held]) => held !== preset.includes(key as Permission)));
    if (user) update.mutate({ params: { path: { id: user.id } }, body: own ? { name: values.name } : { ...values, is_active, permissions: single } });
    else create.mutate({ body: { ...values, email, password, permissions: single } });
  });
  const mayEdit = user === undefined || user.can.includes('update');
  return (
    <FormDrawer title={user?.name ?? t('users.new')} onClose={onClose} onSubmit={submit} saving={create.isPending || update.isPending} error={create.error ?? update.error}>
      <Fields disabled={!mayEdit}>
        <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
        {own && <div className="muted">{t('users.own')}</div>}
        <TextInput label={t('common.email')} type="email" required disabled={user !== undefined} {...form.getInputProps('email')} />
        {user === undefined && <Password label={t('login.password')} description={t('users.passwordAbout')} autoComplete="new-password" required {...form.getInputProps('password')} />}
        {!own && <Switch label={t('users.mustChange')} description={t('users.mustChangeAbout')} {...form.getInputProps('must_change_password', { type: 'checkbox' })} />}
        <Select label={t('common.entity')} disabled={own} allowDeselect={false} data={entities.map((entity) => ({ value: entity.code, label: `${entity.code} · ${entity.name}` }))} {...form.getInputProps('entity')} />
        <Select
          label={t('users.role')}
          description={t('users.roleAbout')}
          disabled={own}
          allowDeselect={false}
          data={(keys.data?.roles ?? []).map((role) => ({ value: role, label: t(`role.${role}`) }))}
          value={form.values.role}
          onChange={(role) => form.setValues({ role: role as Role, permissions: {} })}
        />
        {user && !own && <Switch label={t('common.active')} description={t('users.activeAbout')} {...form.getInputProps('is_active', { type: 'checkbox' })} />}
        {keys.data && !own && (
          <PermissionMatrix keys={keys.data.keys} presets={keys.data.presets} role={form.values.role} single={form.values.permissions} onChange={(permissions) => form.setFieldValue('permissions', permissions)} />
        )}
      </Fields>
      {user?.can.includes('reset_password') && <ResetPasswordOf user={user} />}
      {user?.can.includes('end_sessions') && <EndSessionsOf user={user} />}
    </FormDrawer>
  );
}
