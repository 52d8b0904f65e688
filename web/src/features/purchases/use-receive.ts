import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useEntity, useMay } from '@/app/session';

/** What became of a file. */
export interface Arrival {
  key: string;
  name: string;
  invoice?: IncomingInvoiceDetail;
  problem?: Problem;
}

/** Takes files in one after the other. A single one that is an invoice leads on to it. */
export function useReceive() {
  const entity = useEntity();
  const may = useMay()('billing.manage');
  const navigate = useNavigate();
  const { onSuccess } = useOutcome();
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const [busy, setBusy] = useState(false);
  const send = api.useMutation('post', '/api/incoming-invoices');

  const take = async (file: File): Promise<Arrival> => {
    try {
      const invoice = await send.mutateAsync({
        params: { query: { file_name: file.name, ...(entity !== undefined && { entity }) } },
        // The document calls the file a list of numbers; it is sent as it is.
        body: file as unknown as number[],
        bodySerializer: (body: unknown) => body as BodyInit,
        headers: { 'Content-Type': 'application/octet-stream' },
      });
      return { key: crypto.randomUUID(), name: file.name, invoice };
    } catch (error) {
      return { key: crypto.randomUUID(), name: file.name, problem: Problem.from(error) };
    }
  };
  const receive = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    setBusy(true);
    setArrivals([]);
    const done: Arrival[] = [];
    for (const file of files) {
      // One at a time: of two that are the same the second must find the first.
      // oxlint-disable-next-line no-await-in-loop
      done.push(await take(file));
      setArrivals([...done]);
    }
    setBusy(false);
    const [only] = done;
    if (done.length === 1 && only?.invoice) await navigate({ to: '/purchases/$invoiceId', params: { invoiceId: only.invoice.id } });
    await onSuccess();
  };
  return { may, entity, busy, arrivals, receive, clear: () => setArrivals([]) };
}

export type Receive = ReturnType<typeof useReceive>;
