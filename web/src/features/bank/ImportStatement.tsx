import { Button, FileButton, Group, Stack } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { type DragEvent, lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { BankAccountDetail, BankImport, BankImportPreview, StatementMapping } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Side } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';
import css from './bank.module.css';
import { Imported, Preview } from './ImportResult';
import { PLAIN, textOf } from './table';

const Mapping = lazy(async () => ({ default: (await import('./Mapping')).Mapping }));

/** Refusals that another way to read the table can mend. */
function isOfTable(error: unknown, file: File | undefined): boolean {
  return error !== null && /\.(csv|txt|tsv)$/i.test(file?.name ?? '') && Problem.from(error).status === 422;
}

/** A statement as the bank gives it: dropped or chosen, looked at, then imported. */
export function ImportStatement({ account, onClose }: { account: BankAccountDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File>();
  const [text, setText] = useState('');
  const [mapping, setMapping] = useState<StatementMapping>();
  const [keep, setKeep] = useState(true);
  const [seen, setSeen] = useState<BankImportPreview>();
  const [done, setDone] = useState<BankImport>();
  const outcome = useOutcome({ quiet: true });
  const look = api.useMutation('post', '/api/bank/accounts/{id}/statements', {
    onSuccess: (answer) => {
      if (!('is_guessed' in answer)) return;
      setSeen(answer);
      if (answer.mapping) setMapping(answer.mapping);
    },
    onError: () => setSeen(undefined),
  });
  const write = api.useMutation('post', '/api/bank/accounts/{id}/statements', {
    onSuccess: async (answer) => {
      if ('matching' in answer) setDone(answer);
      await outcome.onSuccess();
    },
  });
  const send = (of: File, by: StatementMapping | undefined, preview: boolean) => ({
    params: { path: { id: account.id }, query: { file_name: of.name, ...(by && { mapping: JSON.stringify(by) }), ...(preview ? { preview } : by && { save_mapping: keep }) } },
    // The document calls the file a list of numbers; it is sent as it is.
    body: of as unknown as number[],
    bodySerializer: (body: unknown) => body as BodyInit,
    headers: { 'Content-Type': 'application/octet-stream' },
  });
  const choose = (chosen: File | null) => {
    if (!chosen) return;
    setFile(chosen);
    setSeen(undefined);
    setDone(undefined);
    setMapping(undefined);
    write.reset();
    void textOf(chosen).then(setText);
    look.mutate(send(chosen, undefined, true));
  };
  const remap = (next: StatementMapping) => {
    setMapping(next);
    if (file) look.mutate(send(file, next, true));
  };
  const shown = mapping ?? (isOfTable(look.error, file) ? { ...PLAIN, currency: account.currency } : undefined);
  const error = write.error ?? look.error;
  return (
    <Side onClose={onClose} title={t('bank.import.title')} size="xl">
      <Stack>
        <Drop file={file} busy={look.isPending} onFile={choose} />
        {!done && file && shown && <Suspense><Mapping mapping={shown} text={text} isGuessed={seen?.is_guessed ?? false} keep={keep} onKeep={setKeep} onChange={remap} /></Suspense>}
        {error !== null && <ProblemBox error={error} />}
        {done ? <Imported done={done} /> : seen && <Preview seen={seen} currency={account.currency} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t(done ? 'common.close' : 'common.cancel')}</Button>
          {!done && seen && file && <Button loading={write.isPending} disabled={look.isPending} onClick={() => write.mutate(send(file, mapping, false))}>{t('bank.import.import', { count: seen.new })}</Button>}
        </Group>
      </Stack>
    </Side>
  );
}

function Drop({ file, busy, onFile }: { file: File | undefined; busy: boolean; onFile: (file: File | null) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0] ?? null);
  };
  return (
    <div
      className={css.drop}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileImport size={22} aria-hidden />
      <strong>{file?.name ?? t('bank.import.drop')}</strong>
      <span className="muted">{t('bank.import.formats')}</span>
      <FileButton accept=".xml,.camt,.ofx,.qfx,.csv,.txt" onChange={onFile}>{(props) => <Button variant="default" loading={busy} data-autofocus {...props}>{t('bank.import.choose')}</Button>}</FileButton>
    </div>
  );
}
