import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconUserCircle } from '@tabler/icons-react';
import { type ComponentProps, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useWho } from '../session';
import { Deferred } from './Deferred';

const load = async () => ({ default: (await import('./AccountPanel')).AccountPanel });
const AccountPanel = lazy(load);

export function AccountMenu() {
  return <Deferred menu={AccountPanel} preload={() => void load()}>{(open) => <AccountButton onClick={open} />}</Deferred>;
}

export function AccountButton(props: ActionIconProps & ComponentProps<'button'>) {
  const { t } = useTranslation();
  const { user } = useWho();
  return <ActionIcon size="lg" aria-haspopup="menu" aria-label={t('shell.account', { name: user.name })} {...props}><IconUserCircle size={20} stroke={1.6} /></ActionIcon>;
}
