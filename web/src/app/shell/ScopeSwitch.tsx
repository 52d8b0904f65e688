import { Button, type ButtonProps } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { type ComponentProps, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { ALL, useScope } from '@/api/scope';
import { useWho } from '../session';
import { Deferred } from './Deferred';

const load = async () => ({ default: (await import('./ScopeMenu')).ScopeMenu });
const ScopeMenu = lazy(load);

/** The entity one works in; for those who see several, a menu to choose another. */
export function ScopeSwitch() {
  const { entities } = useWho();
  if (entities.length < 2) return <Button variant="default" disabled data-testid="scope">{entities[0]?.code}</Button>;
  return <Deferred menu={ScopeMenu} preload={() => void load()}>{(open) => <ScopeButton onClick={open} />}</Deferred>;
}

export function ScopeButton(props: ButtonProps & ComponentProps<'button'>) {
  const { t } = useTranslation();
  const current = useScope();
  const name = current === ALL ? t('shell.all') : current;
  return (
    <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />} data-testid="scope" aria-haspopup="menu" aria-label={t('shell.scope', { scope: name })} {...props}>{name}</Button>
  );
}
