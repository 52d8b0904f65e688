import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ALL, setScope, useScope } from '@/api/scope';
import { useWho, whoQuery } from '../session';
import type { DeferredMenu } from './Deferred';
import { ScopeButton } from './ScopeSwitch';

/** Chooses the entity one works in. */
export function ScopeMenu({ onClose }: DeferredMenu) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const current = useScope();
  const queries = useQueryClient();
  const choose = async (code: string) => {
    // Whatever is on its way belongs to the scope before.
    await queries.cancelQueries();
    setScope(code);
    await queries.resetQueries({ predicate: (query) => query.queryHash !== JSON.stringify(whoQuery.queryKey) });
  };
  return (
    <Menu position="bottom-end" shadow="md" withinPortal={false} defaultOpened onClose={onClose}>
      <Menu.Target>
        <ScopeButton />
      </Menu.Target>
      <Menu.Dropdown>
        {entities.map((entity) => (
          <Menu.Item key={entity.id} onClick={() => void choose(entity.code)} rightSection={current === entity.code && <IconCheck size={14} />}>
            {entity.code} · {entity.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void choose(ALL)} rightSection={current === ALL && <IconCheck size={14} />}>{t('shell.allEntities')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
