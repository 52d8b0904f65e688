import { Button, Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { formatDay } from '@/lib/format';
import { Facts } from '@/ui/layout';
import { Dialog } from '@/ui/overlays';
import { Loaded } from '@/ui/states';

/** Lines that settle each other: who said so, and how to take them apart. The entry knows the lettering of its line. */
export function Lettering({ letter, entryId, lineId, onClose }: { letter: string; entryId: string; lineId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const oneEntity = useOneEntity();
  const entry = api.useQuery('get', '/api/ledger/entries/{id}', { params: { path: { id: entryId } } });
  const id = entry.data?.lines.find((line) => line.id === lineId)?.lettering_id ?? '';
  const lettering = api.useQuery('get', '/api/ledger/letterings/{id}', { params: { path: { id } } }, { enabled: id !== '' });
  const outcome = useOutcome({ done: t('books.lettering.undone') });
  const undo = api.useMutation('delete', '/api/ledger/letterings/{id}', {
    ...outcome,
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <Dialog onClose={onClose} title={t('books.lettering.title', { letter })}>
      <Loaded query={lettering} height={120}>
        {(view) => (
          <Stack>
            <Facts facts={[[t('books.account'), view.account], [t('books.lettering.lines'), view.line_ids.length], [t('books.lettering.on'), formatDay(view.lettered_on)], [t('books.lettering.by'), view.created_by]]} />
            <div className="muted">{t('books.lettering.undoAbout')}</div>
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>{t('common.close')}</Button>
              {may('ledger.manage') && <Button color="red.8" loading={undo.isPending} disabled={!oneEntity} onClick={() => undo.mutate({ params: { path: { id } } })}>{t('books.lettering.undo')}</Button>}
            </Group>
          </Stack>
        )}
      </Loaded>
    </Dialog>
  );
}
