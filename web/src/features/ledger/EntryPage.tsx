import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerEntryDetail } from '@/api/schema';
import { formatDay, formatInstant, formatPercent } from '@/lib/format';
import { Facts, Page, Panel, Pill, Split } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import { Amount } from './Amount';
import css from './books.module.css';
import { LetterPill } from './LetterPill';
import { monthOf } from './period';
import { nameOf, useBook, useJournals } from './queries';
import { ReverseEntry } from './ReverseEntry';
import { PartyLink, SourceLink } from './SourceLink';

const route = getRouteApi('/_app/ledger/entries/$entryId');

/** One entry: its lines, what it says for VAT, and what it comes from. */
export function EntryPage() {
  const { t } = useTranslation();
  const { entryId } = route.useParams();
  const entry = api.useQuery('get', '/api/ledger/entries/{id}', { params: { path: { id: entryId } } });
  return <LoadedPage query={entry} list={{ link: { to: '/ledger', search: { tab: 'entries' } }, title: t('books.title') }}>{(view) => <Screen entry={view} />}</LoadedPage>;
}

function Screen({ entry }: { entry: LedgerEntryDetail }) {
  const { t } = useTranslation();
  return (
    <Page
      title={<>{entry.reference}{entry.reversed_by && <Pill tone="warn">{t('books.entries.reversed')}</Pill>}{entry.reverses && <Pill tone="violet">{t('books.entries.reversal')}</Pill>}</>}
      about={<><Link to="/ledger" search={{ tab: 'entries' }}>{t('books.tabs.entries')}</Link> · {entry.entity} · {entry.label}</>}
      actions={entry.can.includes('reverse') && <ReverseEntry entry={entry} />}
    >
      <Split>
        <div className={css.body}>
          <Lines entry={entry} />
          {entry.vat.length > 0 && <VatLines entry={entry} />}
        </div>
        <About entry={entry} />
      </Split>
    </Page>
  );
}

function About({ entry }: { entry: LedgerEntryDetail }) {
  const { t } = useTranslation();
  const journal = useJournals(entry.entity).data?.find((one) => one.code === entry.journal);
  const other = (id: string) => <Link to="/ledger/entries/$entryId" params={{ entryId: id }}>{t('books.entry.see')}</Link>;
  return (
    <Panel title={t('common.details')}>
      <Facts
        facts={[
          [t('books.sourceLabel'), <SourceLink key="source" kind={entry.source_kind} id={entry.source_id} text={entry.source_kind === 'document' ? entry.piece_ref : ''} />],
          [t('books.journal'), <Link key="journal" to="/ledger" search={{ tab: 'entries', journal: entry.journal }}>{entry.journal}{journal && ` · ${nameOf(journal)}`}</Link>],
          [t('books.date'), formatDay(entry.on)],
          [t('books.piece'), entry.piece_ref],
          [t('books.pieceOn'), entry.piece_on === entry.on ? '' : formatDay(entry.piece_on)],
          [t('books.entry.reversedBy'), entry.reversed_by && other(entry.reversed_by)],
          [t('books.entry.reverses'), entry.reverses && other(entry.reverses)],
          [t('books.rate'), entry.second_rate && `${entry.second_rate} ${entry.second_currency}`],
          [t('books.postedBy'), entry.posted_by],
          [t('books.postedAt'), formatInstant(entry.posted_at)],
        ]}
      />
    </Panel>
  );
}

function Lines({ entry }: { entry: LedgerEntryDetail }) {
  const { t } = useTranslation();
  const currency = useBook(entry.entity).data?.functional;
  const second = entry.second_currency;
  return (
    <Panel flush title={t('books.entry.lines')}>
      <table className="plain" aria-label={t('books.entry.lines')}>
        <thead>
          <tr>
            <th scope="col">{t('books.account')}</th>
            <th scope="col" className={css.wide}>{t('books.lineLabel')}</th>
            <th scope="col" className="end">{t('books.debit')}</th>
            <th scope="col" className="end">{t('books.credit')}</th>
            {second && <th scope="col" className={`end ${css.wide}`}>{t('books.debit')} {second}</th>}
            {second && <th scope="col" className={`end ${css.wide}`}>{t('books.credit')} {second}</th>}
            <th scope="col" className={css.wide}>{t('books.letter')}</th>
          </tr>
        </thead>
        <tbody>
          {entry.lines.map((line) => (
            <tr key={line.id}>
              <td>
                <Link to="/ledger/accounts/$accountId" params={{ accountId: line.account_id }}><span className={css.code}>{line.account}</span>{nameOf(line)}</Link>
                {line.party_name && <div className="muted"><PartyLink id={line.party_id} name={line.party_name} />{line.due_on && ` · ${t('books.due', { on: formatDay(line.due_on) })}`}</div>}
              </td>
              <td className={css.wide}>{line.label === entry.label ? '' : line.label}</td>
              <td className="end"><Amount value={line.debit} currency={currency} /></td>
              <td className="end"><Amount value={line.credit} currency={currency} /></td>
              {second && <td className={`end ${css.wide}`}><Amount value={line.second_debit} currency={second} /></td>}
              {second && <td className={`end ${css.wide}`}><Amount value={line.second_credit} currency={second} /></td>}
              <td className={css.wide}>{line.letter && <LetterPill letter={line.letter} entryId={entry.id} lineId={line.id} />}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className={css.sum}>
            <th scope="row">{t('common.total')}</th>
            <td className={css.wide}>{'\u00a0'}</td>
            <td className="end"><Amount value={entry.total} currency={currency} /></td>
            <td className="end"><Amount value={entry.total} currency={currency} /></td>
            {second && <td className={`end ${css.wide}`}><Amount value={entry.second_total} currency={second} /></td>}
            {second && <td className={`end ${css.wide}`}><Amount value={entry.second_total} currency={second} /></td>}
            <td className={css.wide}>{'\u00a0'}</td>
          </tr>
        </tfoot>
      </table>
    </Panel>
  );
}

function VatLines({ entry }: { entry: LedgerEntryDetail }) {
  const { t } = useTranslation();
  const currency = useBook(entry.entity).data?.functional;
  return (
    <Panel flush title={t('books.entry.vat')}>
      <table className="plain" aria-label={t('books.entry.vat')}>
        <thead>
          <tr>
            <th scope="col">{t('books.vat.what')}</th>
            <th scope="col">{t('books.vat.month')}</th>
            <th scope="col" className="end">{t('books.vat.base')}</th>
            <th scope="col" className="end">{t('books.vat.vat')}</th>
          </tr>
        </thead>
        <tbody>
          {entry.vat.map((line) => (
            <tr key={`${line.direction} ${line.category} ${line.rate} ${line.tax_on}`}>
              <td>{t(`books.vat.direction.${line.direction as 'output'}`)} · {formatPercent(line.rate)} <span className="muted">({line.category})</span></td>
              <td><Link to="/ledger" search={{ tab: 'vat', ...monthOf(line.tax_on) }}>{formatDay(line.tax_on)}</Link></td>
              <td className="end"><Amount value={line.base} currency={currency} /></td>
              <td className="end"><Amount value={line.vat} currency={currency} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
