import { Button, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '@/api/client';
import type { LedgerYearView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatMoney, formatNumber } from '@/lib/format';
import { saveFile } from '@/lib/save-file';
import { ExportButton } from '@/ui/ExportButton';
import { Panel, Pill, Split } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import css from './books.module.css';
import { type FecSeen, lookAtFec } from './fec';
import { Opening } from './Opening';
import { PeriodPicker, yearName } from './PeriodPicker';
import type { Period } from './period';
import { exportEntries, exportTrialBalance, useYears } from './queries';

const DELIMITERS = { tab: '\t', pipe: '|' } as const;

/** What leaves the books as a file, and what comes into them as one. */
export function Exports({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const years = useYears(entity);
  return (
    <Split>
      <div className={css.body}>
        <Panel title={t('books.fec.title')}>
          <Loaded query={years} height={80}>{(list) => (list.length === 0 ? <Empty title={t('books.periods.noYear')}>{t('books.periods.noYearAbout')}</Empty> : <Fec entity={entity} years={list} />)}</Loaded>
        </Panel>
        <Opening entity={entity} />
      </div>
      <Tables entity={entity} />
    </Split>
  );
}

function Fec({ entity, years }: { entity: string; years: LedgerYearView[] }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const [id, setId] = useState(years[0]?.id ?? '');
  const [delimiter, setDelimiter] = useState<keyof typeof DELIMITERS>('tab');
  const [seen, setSeen] = useState<FecSeen>();
  const [loading, setLoading] = useState(false);
  const year = years.find((one) => one.id === id) ?? years[0];
  const download = async () => {
    if (!year) return;
    setLoading(true);
    setSeen(undefined);
    try {
      const { data, response } = await client.GET('/api/ledger/fec', { params: { query: { entity, year: Number(year.ends_on.slice(0, 4)), delimiter } }, parseAs: 'blob' });
      const file = data as unknown as Blob;
      setSeen(lookAtFec(await file.text(), DELIMITERS[delimiter]));
      saveFile(file, response.headers.get('content-disposition'), 'FEC.txt');
    } catch (error) {
      await onError(error);
    }
    setLoading(false);
  };
  return (
    <Stack gap="sm">
      <div className="muted">{t('books.fec.about')}</div>
      <Group align="end">
        <Select label={t('books.fec.year')} allowDeselect={false} data={years.map((one) => ({ value: one.id, label: yearName(one) }))} value={id} onChange={(chosen) => setId(chosen ?? '')} w={160} />
        <SegmentedControl aria-label={t('books.fec.delimiter')} value={delimiter} data={[{ value: 'tab', label: t('books.fec.tab') }, { value: 'pipe', label: t('books.fec.pipe') }]} onChange={(value) => setDelimiter(value as 'tab')} />
        <Button leftSection={<IconDownload size={14} aria-hidden />} loading={loading} onClick={() => void download()}>{t('books.fec.download')}</Button>
      </Group>
      {year && !year.closed_at && <div className="muted">{t('books.fec.notClosed')}</div>}
      {seen && <FecResult seen={seen} />}
    </Stack>
  );
}

function FecResult({ seen }: { seen: FecSeen }) {
  const { t } = useTranslation();
  const even = seen.debit === seen.credit;
  return (
    <Group gap="xs" role="status">
      <strong>{t('books.fec.lines', { count: seen.lines, lines: formatNumber(seen.lines) })}</strong>
      <Pill tone={seen.isWhole ? 'good' : 'bad'}>{t(seen.isWhole ? 'books.fec.whole' : 'books.fec.notWhole')}</Pill>
      <Pill tone={even ? 'good' : 'bad'}>{t(even ? 'books.fec.even' : 'books.fec.uneven', { amount: formatMoney(seen.debit) })}</Pill>
    </Group>
  );
}

/** The same figures as tables, for another program. */
function Tables({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const [period, setPeriod] = useState<Period>({});
  return (
    <Panel title={t('books.tables.title')}>
      <Stack gap="sm">
        <div className="muted">{t('books.tables.about')}</div>
        <PeriodPicker entity={entity} value={period} always={t('books.period.always')} onChange={setPeriod} />
        <Group>
          <span>{t('books.tabs.entries')}</span>
          <ExportButton name="ecritures" permission="ledger.view" open={(signal) => exportEntries(entity, period, signal)} />
        </Group>
        <Group>
          <span>{t('books.tabs.balance')}</span>
          <ExportButton name="balance" permission="ledger.view" open={(signal) => exportTrialBalance(entity, period, signal)} />
        </Group>
      </Stack>
    </Panel>
  );
}
