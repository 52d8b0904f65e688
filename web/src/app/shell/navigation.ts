import { IconActivity, IconAlertTriangle, IconArrowsExchange, IconBook2, IconBuildingBank, IconBuildingStore, IconCalendarDollar, IconCash, IconChartDots3, IconFileInvoice, IconForms, IconGauge, IconListDetails, IconId, IconMap2, IconPackage, IconPlugConnected, IconSend, IconServerCog, IconSettings, IconShieldCheck, IconShoppingCart, IconTargetArrow, IconUsers } from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Permission } from '@/api/schema';

export interface Destination {
  /** The key of its name in the catalogue. */
  key: 'cockpit' | 'leads' | 'deliveries' | 'orders' | 'buyers' | 'billing' | 'invoices' | 'purchases' | 'payments' | 'bank' | 'intercompany' | 'ledger' | 'parties' | 'products' | 'departements' | 'monitoring' | 'activity' | 'alerts' | 'audit' | 'providers' | 'forms' | 'users' | 'settings' | 'operations';
  to: NonNullable<LinkProps['to']>;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  permission: Permission;
  /** The second key of its shortcut, after G. */
  shortcut: string;
}

/** Every page, in the order of the menu, with the permission that shows it. */
export const NAVIGATION: readonly { key: 'work' | 'money' | 'watch' | 'setup'; pages: readonly Destination[] }[] = [
  {
    key: 'work',
    pages: [
      { key: 'cockpit', to: '/', icon: IconGauge, permission: 'dashboard.view', shortcut: 'c' },
      { key: 'leads', to: '/leads', icon: IconListDetails, permission: 'leads.view', shortcut: 'l' },
      { key: 'deliveries', to: '/deliveries', icon: IconSend, permission: 'deliveries.view', shortcut: 'd' },
      { key: 'orders', to: '/orders', icon: IconTargetArrow, permission: 'commandes.view', shortcut: 'o' },
      { key: 'buyers', to: '/buyers', icon: IconBuildingStore, permission: 'clients.view', shortcut: 'b' },
    ],
  },
  {
    key: 'money',
    pages: [
      { key: 'billing', to: '/billing', icon: IconCalendarDollar, permission: 'billing.view', shortcut: 'w' },
      { key: 'invoices', to: '/invoices', icon: IconFileInvoice, permission: 'billing.view', shortcut: 'i' },
      { key: 'purchases', to: '/purchases', icon: IconShoppingCart, permission: 'billing.view', shortcut: 'h' },
      { key: 'payments', to: '/payments', icon: IconCash, permission: 'billing.view', shortcut: 'y' },
      { key: 'bank', to: '/bank', icon: IconBuildingBank, permission: 'billing.view', shortcut: 'k' },
      { key: 'intercompany', to: '/intercompany', icon: IconArrowsExchange, permission: 'intercompany.view', shortcut: 'e' },
      { key: 'ledger', to: '/ledger', icon: IconBook2, permission: 'ledger.view', shortcut: 'r' },
      { key: 'parties', to: '/parties', icon: IconId, permission: 'billing.view', shortcut: 't' },
      { key: 'products', to: '/products', icon: IconPackage, permission: 'billing.view', shortcut: 'n' },
    ],
  },
  {
    key: 'watch',
    pages: [
      { key: 'departements', to: '/departements', icon: IconMap2, permission: 'departements.view', shortcut: 'm' },
      { key: 'monitoring', to: '/monitoring', icon: IconChartDots3, permission: 'dashboard.view', shortcut: 'q' },
      { key: 'activity', to: '/activity', icon: IconActivity, permission: 'activity.view', shortcut: 'a' },
      { key: 'alerts', to: '/alerts', icon: IconAlertTriangle, permission: 'dashboard.view', shortcut: 'v' },
      { key: 'audit', to: '/audit', icon: IconShieldCheck, permission: 'audit.view', shortcut: 'z' },
    ],
  },
  {
    key: 'setup',
    pages: [
      { key: 'providers', to: '/providers', icon: IconPlugConnected, permission: 'providers.access', shortcut: 'p' },
      { key: 'forms', to: '/forms', icon: IconForms, permission: 'settings.access', shortcut: 'f' },
      { key: 'users', to: '/users', icon: IconUsers, permission: 'users.manage', shortcut: 'u' },
      { key: 'settings', to: '/settings', icon: IconSettings, permission: 'settings.access', shortcut: 's' },
      { key: 'operations', to: '/operations', icon: IconServerCog, permission: 'operations.manage', shortcut: 'x' },
    ],
  },
];

/** The page of the menu that an address belongs to; none for those that everybody may open. */
export function destinationOf(pathname: string): Destination | undefined {
  const pages = NAVIGATION.flatMap((group) => group.pages);
  return pages.find(({ to }) => pathname === to || (to !== '/' && pathname.startsWith(`${to}/`)));
}
