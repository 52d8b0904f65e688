import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconShieldLock, IconSun } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { LANGUAGES, setLanguage } from '@/i18n';
import { useWho } from '../session';
import { AccountButton } from './AccountMenu';
import type { DeferredMenu } from './Deferred';

const SCHEMES = [['light', IconSun], ['dark', IconMoon], ['auto', IconDeviceDesktop]] as const;

/** Who one is, the language, the colours, one's account, signing out. */
export function AccountPanel({ onClose }: DeferredMenu) {
  const { t, i18n } = useTranslation();
  const { user } = useWho();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = api.useMutation('post', '/api/auth/logout', {
    onSettled: async () => {
      await navigate({ to: '/login' });
      queries.clear();
    },
  });
  return (
    <Menu position="bottom-end" shadow="md" width={240} withinPortal={false} defaultOpened onClose={onClose}>
      <Menu.Target>
        <AccountButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.name} · {t(`role.${user.role}`)}<br />{user.email}</Menu.Label>
        <Menu.Item leftSection={<IconShieldLock size={15} />} onClick={() => void navigate({ to: '/account' })}>{t('shell.myAccount')}</Menu.Item>
        <Menu.Divider />
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.Item key={scheme} leftSection={<Icon size={15} />} data-active={colorScheme === scheme || undefined} onClick={() => setColorScheme(scheme)}>
            {t(`shell.scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {LANGUAGES.map((one) => (
          <Menu.Item key={one} lang={one} leftSection={<IconLanguage size={15} />} disabled={i18n.language === one} onClick={() => void setLanguage(one)}>
            {one === 'fr' ? 'Français' : 'English'}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => leave.mutate({})}>{t('shell.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
