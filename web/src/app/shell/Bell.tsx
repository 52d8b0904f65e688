import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { type ComponentProps, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import css from './bell.module.css';
import { Deferred } from './Deferred';

const MOST_SHOWN = 99;

const load = async () => ({ default: (await import('./BellPanel')).BellPanel });
const BellPanel = lazy(load);

export function useNotifications() {
  return api.useQuery('get', '/api/notifications', { params: { query: { limit: 30 } } });
}

/** Says how much has gone wrong that one has not seen. */
export function Bell() {
  return <Deferred menu={BellPanel} preload={() => void load()}>{(open) => <BellButton onClick={open} />}</Deferred>;
}

export function BellButton(props: ActionIconProps & ComponentProps<'button'>) {
  const { t } = useTranslation();
  const unread = useNotifications().data?.unread ?? 0;
  return (
    <ActionIcon size="lg" pos="relative" aria-haspopup="dialog" aria-label={t('bell.open', { count: unread })} {...props}>
      <IconBell size={19} stroke={1.6} />
      {unread > 0 && <span className={css.count} aria-hidden>{unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}</span>}
    </ActionIcon>
  );
}
