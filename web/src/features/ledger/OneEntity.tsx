import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setScope } from '@/api/scope';
import { useEntity, useWho } from '@/app/session';
import { Panel } from '@/ui/layout';
import { Empty } from '@/ui/states';

/** Books are those of one entity: asks for one where several are in scope. */
export function OneEntity({ children }: { children: (entity: string) => ReactNode }) {
  const { t } = useTranslation();
  const { entities } = useWho();
  const entity = useEntity();
  if (entity !== undefined) return children(entity);
  const choices = (
    <Group gap="xs" justify="center">
      {entities.map((one) => <Button key={one.code} variant="default" onClick={() => setScope(one.code)}>{one.code} · {one.name}</Button>)}
    </Group>
  );
  return <Panel><Empty title={t('books.oneEntity')} action={choices}>{t('books.oneEntityAbout')}</Empty></Panel>;
}
