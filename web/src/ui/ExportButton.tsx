import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatNumber } from '@/lib/format';
import { saveFile } from '@/lib/save-file';

const LINE_FEED = 10;

/** Takes a list away as a CSV file of any length, for who may: says how many rows are there already, and can be stopped. */
export function ExportButton({ name, permission = 'leads.export', open }: { name: string; permission?: Permission; open: (signal: AbortSignal) => Promise<{ response: Response }> }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const may = useMay();
  const [rows, setRows] = useState<number>();
  const stop = useRef<AbortController>(undefined);
  const run = async () => {
    const controller = new AbortController();
    stop.current = controller;
    setRows(0);
    try {
      const { response } = await open(controller.signal);
      const parts = await readAll(response, setRows);
      saveFile(new Blob(parts, { type: 'text/csv' }), response.headers.get('content-disposition'), `${name}.csv`);
    } catch (error) {
      if (!controller.signal.aborted) await onError(error);
    }
    setRows(undefined);
  };
  if (!may(permission)) return null;
  if (rows !== undefined) return <Button variant="subtle" color="gray" size="compact-xs" onClick={() => stop.current?.abort()}>{t('table.exporting', { rows: formatNumber(rows) })}</Button>;
  return <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconDownload size={14} aria-hidden />} onClick={() => void run()}>{t('table.export')}</Button>;
}

async function readAll(response: Response, tell: (rows: number) => void): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let lines = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    for (const byte of part.value) if (byte === LINE_FEED) lines += 1;
    // The first line names the columns.
    tell(Math.max(0, lines - 1));
  }
  return parts;
}
