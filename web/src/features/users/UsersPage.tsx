import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { UserView } from '@/api/schema';
import { useScope } from '@/api/scope';
import { formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { usePatchSearch } from '@/lib/patch-search';
import { SearchBox } from '@/ui/filters';
import { Page, Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { EndAllSessions } from './EndSessionsOf';
import { UserForm } from './UserForm';

const route = getRouteApi('/_app/users');

/** Who may sign in, and what they may do. */
export function UsersPage() {
  const { t } = useTranslation();
  const { search } = route.useSearch();
  const patch = usePatchSearch<{ search: string }>();
  const [editing, setEditing] = useState<UserView | 'new'>();
  const users = api.useInfiniteQuery('get', '/api/auth/users', { params: { query: { entity: useScope(), ...(search && { search }) } } }, BY_CURSOR);
  const create = <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>{t('users.new')}</Button>;
  const columns = useMemo<Column<UserView>[]>(
    () => [
      { id: 'name', header: t('common.name'), width: 'minmax(9rem, 1.2fr)', cell: (user) => <strong>{user.name}</strong> },
      { id: 'email', header: t('common.email'), width: 'minmax(10rem, 1.4fr)', wide: true, cell: (user) => user.email },
      { id: 'role', header: t('users.role'), width: '7.5rem', cell: (user) => t(`role.${user.role}`) },
      { id: 'entity', header: t('common.entity'), width: '4.5rem', cell: (user) => user.entity },
      { id: 'state', header: t('common.status'), width: '6.5rem', wide: true, cell: (user) => <Pill tone={user.is_active ? 'good' : 'neutral'}>{t(user.is_active ? 'common.active' : 'common.inactive')}</Pill> },
      { id: 'mfa', header: t('users.mfa'), width: '8rem', wide: true, cell: (user) => (user.totp_enabled ? <Pill tone="good">{t('common.yes')}</Pill> : <Pill tone="warn">{t('common.no')}</Pill>) },
      { id: 'created', header: t('common.created'), width: '7rem', wide: true, cell: (user) => <span className="num">{formatInstant(user.created_at, 'date')}</span> },
    ],
    [t],
  );
  return (
    <Page fill title={t('users.title')} actions={<><EndAllSessions />{create}</>}>
      <Toolbar label={t('leads.filters')}><SearchBox label={t('users.search')} value={search} onChange={(text) => patch({ search: text })} /></Toolbar>
      <DataTable name="users" label={t('users.title')} columns={columns} pages={users} rowId={(user) => user.id} onOpen={setEditing} empty={<Empty title={t('users.empty')} />} />
      {editing && <UserForm {...(editing !== 'new' && { user: editing })} onClose={() => setEditing(undefined)} />}
    </Page>
  );
}
