import { UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Pill } from '@/ui/layout';

const Lettering = lazy(async () => ({ default: (await import('./Lettering')).Lettering }));

/** The code of a lettering; opens who made it, and how to take it apart. */
export function LetterPill({ letter, entryId, lineId }: { letter: string; entryId: string; lineId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton aria-label={t('books.lettering.open', { letter })} tabIndex={-1} onClick={() => setOpen(true)}><Pill tone="info">{letter}</Pill></UnstyledButton>
      {open && <Suspense><Lettering letter={letter} entryId={entryId} lineId={lineId} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
