import { Button, CloseButton, FileButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconFileImport } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api/problem';
import { useStable } from '@/lib/stable';
import { problemText } from '@/ui/problem-text';
import css from './purchases.module.css';
import type { Arrival, Receive } from './use-receive';

const KINDS = '.pdf,.xml,application/pdf,application/xml,text/xml';

export function ReceiveButton({ receive }: { receive: Receive }) {
  const { t } = useTranslation();
  const off = receive.entity === undefined;
  return (
    <FileButton multiple accept={KINDS} disabled={off} onChange={(files) => void receive.receive(files)}>
      {(props) => <Button {...props} leftSection={<IconFileImport size={14} aria-hidden />} disabled={off} title={off ? t('common.oneEntity') : undefined} loading={receive.busy}>{t('purchases.receive')}</Button>}
    </FileButton>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** Lets files fall anywhere on the page. */
export function DropAnywhere({ receive }: { receive: Receive }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const take = useStable((files: readonly File[]) => void receive.receive(files));
  const open = receive.may && receive.entity !== undefined && !receive.busy;
  useEffect(() => {
    if (!open) return undefined;
    const listening = new AbortController();
    const { signal } = listening;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', onOver, { signal });
    window.addEventListener('dragleave', onLeave, { signal });
    window.addEventListener('drop', onDrop, { signal });
    return () => listening.abort();
  }, [open, take]);
  if (!over) return null;
  return <div className={css.dropping} aria-hidden><div><IconFileImport size={28} /><strong>{t('purchases.drop')}</strong><span className="muted">{t('purchases.formats')}</span></div></div>;
}

/** What became of the files, as long as it is of use: what was refused and why, and where the rest went. */
export function Arrivals({ receive }: { receive: Receive }) {
  const { t } = useTranslation();
  if (receive.arrivals.length === 0) return null;
  return (
    <section className={css.arrivals} aria-label={t('purchases.arrivals')} role="status">
      <ul>{receive.arrivals.map((arrival) => <li key={arrival.key}><Outcome arrival={arrival} /></li>)}</ul>
      <CloseButton aria-label={t('common.close')} onClick={receive.clear} />
    </section>
  );
}

function Outcome({ arrival }: { arrival: Arrival }) {
  const { t } = useTranslation();
  const { name, invoice, problem } = arrival;
  const known = problem?.fields?.find(({ field }) => field === 'known_id')?.message;
  return (
    <>
      {invoice ? <IconCheck size={16} color="var(--good)" aria-hidden /> : <IconAlertTriangle size={16} color={known === undefined ? 'var(--bad)' : 'var(--warn)'} aria-hidden />}
      <span>
        <strong>{name}</strong>{' '}
        {problem && <Refusal problem={problem} />}{' '}
        {known !== undefined && <Link to="/purchases/$invoiceId" params={{ invoiceId: known }}>{t('purchases.openKnown')}</Link>}
        {invoice && <Link to="/purchases/$invoiceId" params={{ invoiceId: invoice.id }}>{t('purchases.arrived', { number: invoice.number, seller: invoice.seller_name })}</Link>}
      </span>
    </>
  );
}

/** Of a file that is refused the code says all; what else the service tells is for who wrote the file. */
function Refusal({ problem }: { problem: Problem }) {
  const { t } = useTranslation();
  return <>{problem.code.startsWith('incoming_') ? t(`problem.code.${problem.code}`, { defaultValue: problem.message }) : problemText(t, problem)}</>;
}
