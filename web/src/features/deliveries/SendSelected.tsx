import { Button, Progress } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '@/api/client';
import { Problem } from '@/api/problem';
import type { DeliveryRow } from '@/api/schema';
import { useOneEntity } from '@/app/session';
import { notify } from '@/ui/notify';
import { problemText } from '@/ui/problem-text';

/** Sends the deliveries selected, one after the other; says which were refused and why. */
export function SendSelected({ rows, clear }: { rows: DeliveryRow[]; clear: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const oneEntity = useOneEntity();
  const [done, setDone] = useState<number>();
  const sendable = rows.filter((row) => row.can.includes('send'));
  const run = async () => {
    const refused: string[] = [];
    for (const [index, row] of sendable.entries()) {
      setDone(index);
      try {
        await client.POST('/api/deliveries/{id}/send', { params: { path: { id: row.id } }, body: {} });
      } catch (error) {
        refused.push(`${row.buyer_name}: ${problemText(t, Problem.from(error))}`);
      }
    }
    setDone(undefined);
    clear();
    await notify({ message: t('deliveries.sentMany', { count: sendable.length - refused.length }), color: 'teal' });
    if (refused.length > 0) await notify({ title: t('deliveries.refusedMany', { count: refused.length }), message: refused.slice(0, 5).join('\n'), color: 'red', autoClose: false });
    await queries.invalidateQueries();
  };
  if (done !== undefined) return <Progress w={140} value={(100 * done) / sendable.length} aria-label={t('deliveries.sending')} />;
  return (
    <>
      <Button leftSection={<IconSend size={14} />} disabled={sendable.length === 0 || !oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} onClick={() => void run()}>
        {t('deliveries.sendCount', { count: sendable.length })}
      </Button>
      <Button variant="subtle" color="gray" onClick={clear}>{t('common.cancel')}</Button>
    </>
  );
}
