import { ActionIcon, Kbd } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '@/api/live';
import { Empty } from '@/ui/states';
import { useMay } from '../session';
import { AccountMenu } from './AccountMenu';
import { CriticalAlerts } from './AlertCount';
import { Banners } from './Banners';
import { Bell } from './Bell';
import { destinationOf } from './navigation';
import { ScopeSwitch } from './ScopeSwitch';
import { Shortcuts } from './Shortcuts';
import css from './shell.module.css';
import { Sidebar } from './Sidebar';

// Loaded when they are first wanted, not with the first page.
const Menu = lazy(async () => ({ default: (await import('./MenuDrawer')).MenuDrawer }));
const Palette = lazy(async () => ({ default: (await import('./Palette')).Palette }));

/** What surrounds every page of who is signed in. */
export function Shell() {
  const { t } = useTranslation();
  const may = useMay();
  const page = useRouterState({ select: ({ location }) => destinationOf(location.pathname) });
  useLive();
  const [menu, { open, close }] = useDisclosure(false);
  const [palette, setPalette] = useState(false);
  useHotkeys([['mod+K', () => setPalette(true)], ['/', () => setPalette(true)]]);
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">{t('shell.skip')}</a>
      <aside className={css.side}><Sidebar /></aside>
      <header className={css.top}>
        <ActionIcon className={css.burger ?? ''} size="lg" aria-label={t('shell.menu')} onClick={open}><IconMenu2 size={19} /></ActionIcon>
        <button type="button" className={css.search} onClick={() => setPalette(true)} aria-label={t('shell.search')}>
          <IconSearch size={15} aria-hidden />
          <span>{t('shell.search')}</span>
          <Kbd size="xs">Ctrl K</Kbd>
        </button>
        <div className={css.gap} />
        <CriticalAlerts />
        <ScopeSwitch />
        <Bell />
        <AccountMenu />
      </header>
      <main className={css.main} id="main" tabIndex={-1}>
        <Banners />
        {page && !may(page.permission) ? <Empty title={t('common.noEntry')}>{t('problem.permission_missing', { permission: page.permission })}</Empty> : <Outlet />}
      </main>
      <Shortcuts />
      <Suspense>{menu && <Menu onClose={close} />}</Suspense>
      <Suspense>{palette && <Palette onClose={() => setPalette(false)} />}</Suspense>
    </div>
  );
}
