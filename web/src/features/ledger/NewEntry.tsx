import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEntity, useMay } from '@/app/session';

const EntryForm = lazy(async () => ({ default: (await import('./EntryForm')).EntryForm }));

/** Opens the form for an entry by hand, for who may keep the books. */
export function NewEntry() {
  const { t } = useTranslation();
  const entity = useEntity();
  const may = useMay();
  const [writing, setWriting] = useState(false);
  if (!may('ledger.manage')) return null;
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} disabled={!entity} title={entity ? undefined : t('common.oneEntity')} onClick={() => setWriting(true)}>{t('books.entry.new')}</Button>
      {writing && entity && <Suspense><EntryForm entity={entity} onClose={() => setWriting(false)} /></Suspense>}
    </>
  );
}
