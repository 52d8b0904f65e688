import { Button, FileButton, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { OpeningView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatDay, formatMoney, formatNumber } from '@/lib/format';
import { today } from '@/lib/day';
import { Facts, Panel, Pill } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';

/** Balances of the program before, by file or by a pasted table: first looked at, then imported. */
export function Opening({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const form = useForm({ initialValues: { csv: '', on: today() } });
  const [seen, setSeen] = useState<OpeningView>();
  const look = api.useMutation('post', '/api/ledger/opening', { onSuccess: setSeen });
  const outcome = useOutcome({ done: t('books.openings.done'), quiet: true });
  const write = api.useMutation('post', '/api/ledger/opening', {
    onSuccess: async (made) => {
      setSeen(made);
      await outcome.onSuccess();
    },
  });
  if (!may('ledger.manage')) return null;
  const { csv, on } = form.values;
  const body = { entity, csv: csv.replaceAll('\t', ';'), on };
  const begin = () => {
    write.reset();
    look.mutate({ body: { ...body, dry_run: true } });
  };
  const change = (text: string) => {
    setSeen(undefined);
    form.setFieldValue('csv', text);
  };
  const ready = seen !== undefined && seen.problems.length === 0 && !seen.entry_id;
  const error = write.error ?? look.error;
  return (
    <Panel title={t('books.openings.title')}>
      <Stack gap="sm">
        <div className="muted">{t('books.openings.about')}</div>
        <Group align="end">
          <TextInput type="date" label={t('books.openings.on')} {...form.getInputProps('on')} w={150} />
          <FileButton accept=".csv,.txt,text/csv" onChange={(file) => file && void file.text().then(change)}>{(props) => <Button variant="default" {...props}>{t('books.openings.file')}</Button>}</FileButton>
        </Group>
        <Textarea label={t('books.openings.table')} description={t('books.openings.columns')} classNames={{ input: 'mono' }} minRows={5} placeholder={'101000;;Capital;;10000,00\n512000;;Banque;10000,00;'} value={csv} onChange={(event) => change(event.currentTarget.value)} />
        {error !== null && error !== undefined && <ProblemBox error={error} />}
        {seen && <Seen seen={seen} />}
        <Group justify="flex-end">
          <Button variant={ready ? 'default' : 'filled'} disabled={csv.trim() === ''} loading={look.isPending} onClick={begin}>{t('books.openings.look')}</Button>
          {ready && <Button loading={write.isPending} onClick={() => write.mutate({ body })}>{t('books.openings.import')}</Button>}
        </Group>
      </Stack>
    </Panel>
  );
}

function Seen({ seen }: { seen: OpeningView }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" role="status">
      <Facts
        facts={[
          [t('books.openings.lines'), formatNumber(seen.lines)],
          [t('books.debit'), formatMoney(seen.debit)],
          [t('books.credit'), formatMoney(seen.credit)],
          [t('books.date'), formatDay(seen.on)],
          [t('books.entryLabel'), seen.entry_id && <Link key="entry" to="/ledger/entries/$entryId" params={{ entryId: seen.entry_id }}>{seen.reference}</Link>],
        ]}
      />
      {seen.problems.map((problem) => <div key={`${problem.line} ${problem.message}`}><Pill tone="bad">{problem.line === 0 ? t('books.openings.whole') : t('books.openings.line', { line: problem.line })}</Pill> {problem.message}</div>)}
      {seen.problems.length === 0 && !seen.entry_id && <Pill tone="good">{t('books.openings.fine')}</Pill>}
    </Stack>
  );
}
