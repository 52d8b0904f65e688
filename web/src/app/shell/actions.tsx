import { useMantineColorScheme } from '@mantine/core';
import type { SpotlightActionData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { setLanguage } from '@/i18n';
import { useMay } from '../session';

/** What can be done from anywhere by its name. */
export function useActions(): SpotlightActionData[] {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const { toggleColorScheme } = useMantineColorScheme();
  const other = i18n.language === 'fr' ? 'en' : 'fr';
  return [
    { id: 'failed', label: t('palette.failedDeliveries'), onClick: () => void navigate({ to: '/deliveries', search: { status: 'failed' } }), permission: 'deliveries.view' as const },
    { id: 'blocked', label: t('palette.blockedLeads'), onClick: () => void navigate({ to: '/leads', search: { status: 'no_open_orders' } }), permission: 'leads.view' as const },
    { id: 'dead', label: t('palette.deadLetters'), onClick: () => void navigate({ to: '/operations', search: { tab: 'dead' } }), permission: 'operations.manage' as const },
    { id: 'form', label: t('forms.new'), onClick: () => void navigate({ to: '/forms', search: { code: 'new' } }), permission: 'settings.access' as const },
    { id: 'account', label: t('shell.myAccount'), onClick: () => void navigate({ to: '/account' }) },
    { id: 'scheme', label: t('palette.scheme'), onClick: toggleColorScheme },
    { id: 'language', label: other === 'fr' ? 'Français' : 'English', onClick: () => void setLanguage(other) },
  ].filter((action) => action.permission === undefined || may(action.permission));
}
