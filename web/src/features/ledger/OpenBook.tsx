import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { Panel } from '@/ui/layout';
import { Empty } from '@/ui/states';

/** The books of an entity before its first entry. */
export function OpenBook({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const open = api.useMutation('post', '/api/ledger/book', useOutcome({ done: t('books.book.opened') }));
  const button = may('ledger.manage') && <Button loading={open.isPending} onClick={() => open.mutate({ body: { entity } })}>{t('books.book.open')}</Button>;
  return <Panel><Empty title={t('books.book.none')} action={button}>{t('books.book.noneAbout')}</Empty></Panel>;
}
