import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerEntryView } from '@/api/schema';
import { formatDay } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { FilterSelect, SearchBox } from '@/ui/filters';
import { Pill, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { AccountSelect } from './AccountSelect';
import { Amount } from './Amount';
import type { LedgerSearch } from './LedgerPage';
import { PeriodPicker } from './PeriodPicker';
import { exportEntries, nameOf, useBook, useEntries, useJournals } from './queries';
import { SourceLink } from './SourceLink';

/** Every entry of every journal, the last posted first. */
export function Entries({ entity, search }: { entity: string; search: LedgerSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<LedgerSearch>();
  const navigate = useNavigate();
  const journals = useJournals(entity);
  const entries = useEntries(entity, search);
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <SearchBox label={t('books.entries.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <FilterSelect label={t('books.journal')} value={search.journal} width={190} options={(journals.data ?? []).map((one) => ({ value: one.code, label: `${one.code} · ${nameOf(one)}` }))} onChange={(journal) => patch({ journal })} />
        <AccountSelect entity={entity} aria-label={t('books.account')} placeholder={t('books.account')} value={search.account} w={190} onChange={(account) => patch({ account })} />
        <PeriodPicker entity={entity} value={search} always={t('books.period.any')} onChange={patch} />
      </Toolbar>
      <DataTable
        name="entries"
        label={t('books.tabs.entries')}
        columns={useColumns(entity)}
        pages={entries}
        rowId={(entry) => entry.id}
        onOpen={(entry) => void navigate({ to: '/ledger/entries/$entryId', params: { entryId: entry.id } })}
        foot={<ExportButton name="ecritures" permission="ledger.view" open={(signal) => exportEntries(entity, search, signal)} />}
        empty={<Empty title={t('books.entries.empty')}>{t('books.entries.emptyAbout')}</Empty>}
      />
    </>
  );
}

function useColumns(entity: string): Column<LedgerEntryView>[] {
  const { t } = useTranslation();
  const currency = useBook(entity).data?.functional;
  return useMemo(
    () => [
      { id: 'on', header: t('books.date'), width: '5.5rem', cell: (entry) => <span className="num">{formatDay(entry.on)}</span> },
      { id: 'reference', header: t('books.number'), width: '6rem', wide: true, cell: (entry) => <Link to="/ledger/entries/$entryId" params={{ entryId: entry.id }} tabIndex={-1}>{entry.reference}</Link> },
      { id: 'piece', header: t('books.piece'), width: 'minmax(7rem, 0.8fr)', wide: true, cell: (entry) => entry.piece_ref },
      { id: 'label', header: t('books.label'), width: 'minmax(6rem, 1.8fr)', cell: (entry) => <Label entry={entry} /> },
      { id: 'source', header: t('books.sourceLabel'), width: '8.5rem', wide: true, cell: (entry) => <SourceLink kind={entry.source_kind} id={entry.source_id} /> },
      { id: 'by', header: t('books.postedBy'), width: '8.5rem', wide: true, hidden: true, cell: (entry) => entry.posted_by },
      { id: 'total', header: t('books.amount'), width: '6.5rem', align: 'end', cell: (entry) => <Amount value={entry.total} currency={currency} /> },
    ],
    [t, currency],
  );
}

function Label({ entry }: { entry: LedgerEntryView }) {
  const { t } = useTranslation();
  return <>{entry.label}{entry.reversed_by && <> <Pill tone="warn">{t('books.entries.reversed')}</Pill></>}{entry.reverses && <> <Pill tone="violet">{t('books.entries.reversal')}</Pill></>}</>;
}
