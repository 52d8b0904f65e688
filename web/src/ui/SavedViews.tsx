import { Button, Checkbox, Group, Menu, Popover, Stack, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash, IconUsers } from '@tabler/icons-react';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { parseSearch } from '@/lib/address';

/** Filters kept under a name, for oneself or for all: chosen from a menu, kept as they stand in the address. */
export function SavedViews({ page }: { page: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const here = useRouterState({ select: (state) => state.location.searchStr.replace(/^\?/, '') });
  const views = api.useQuery('get', '/api/views', { params: { query: { page } } });
  const remove = api.useMutation('delete', '/api/views/{id}', useOutcome());
  return (
    <Group gap={4}>
      {(views.data?.length ?? 0) > 0 && (
        <Menu shadow="md" position="bottom-start" withinPortal={false}>
          <Menu.Target><Button variant="default" leftSection={<IconBookmark size={14} aria-hidden />}>{t('views.title')}</Button></Menu.Target>
          <Menu.Dropdown>
            {views.data?.map((view) => (
              <Group key={view.id} gap={2} wrap="nowrap">
                <Menu.Item
                  leftSection={view.shared ? <IconUsers size={14} aria-label={t('views.shared')} /> : undefined}
                  data-active={view.query === here || undefined}
                  onClick={() => void navigate({ to: '.', search: parseSearch(view.query) as never })}
                >
                  {view.name}{!view.own && <span className="muted"> · {view.owner}</span>}
                </Menu.Item>
                {view.can.includes('delete') && (
                  <Menu.Item w="auto" aria-label={t('views.delete', { name: view.name })} closeMenuOnClick={false} onClick={() => remove.mutate({ params: { path: { id: view.id } } })}><IconTrash size={14} /></Menu.Item>
                )}
              </Group>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {here !== '' && <KeepView page={page} query={here} />}
    </Group>
  );
}

function KeepView({ page, query }: { page: string; query: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const outcome = useOutcome({ done: t('views.kept') });
  const create = api.useMutation('post', '/api/views', {
    ...outcome,
    onSuccess: async () => {
      setOpen(false);
      setName('');
      await outcome.onSuccess();
    },
  });
  return (
    <Popover opened={open} onChange={setOpen} shadow="md" trapFocus returnFocus>
      <Popover.Target><Button variant="subtle" onClick={() => setOpen(!open)}>{t('views.keep')}</Button></Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ body: { page, name, query, shared } });
          }}
        >
          <Stack gap="xs">
            <TextInput label={t('views.name')} required maxLength={60} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
            <Checkbox label={t('views.share')} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>{t('common.save')}</Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
