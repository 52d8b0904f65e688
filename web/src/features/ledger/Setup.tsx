import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import type { LedgerBookView } from '@/api/schema';
import { formatDay, formatNumber } from '@/lib/format';
import { Facts, Panel, Split } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import css from './books.module.css';
import { OpenBook } from './OpenBook';
import { nameOf, useBook, useJournals } from './queries';
import { Rates } from './Rates';
import { Roles } from './Roles';

/** How the books are kept: chart, currencies, journals, which account plays which role, exchange rates. */
export function Setup({ entity }: { entity: string }) {
  const book = useBook(entity);
  if (book.isError) return <OpenBook entity={entity} />;
  return (
    <Loaded query={book} height={420}>
      {(view) => (
        <Split>
          <div className={css.body}>
            <Roles entity={entity} />
            <Rates entity={entity} book={view} />
          </div>
          <div className={css.body}>
            <About book={view} />
            <Journals entity={entity} />
          </div>
        </Split>
      )}
    </Loaded>
  );
}

function About({ book }: { book: LedgerBookView }) {
  const { t } = useTranslation();
  const [month = 12, day = 31] = book.fiscal_year_end;
  return (
    <Panel title={t('books.book.title')}>
      <Facts
        facts={[
          [t('books.book.chart'), t(`books.book.charts.${book.chart}`)],
          [t('books.currency'), book.functional],
          [t('books.book.second'), book.second ? `${book.second.currency} · ${t(`books.rates.type.${book.second.rate_type}`)}` : t('books.book.noSecond')],
          [t('books.book.yearEnd'), formatDay(`2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`, 'dayMonth')],
          [t('books.book.digits'), book.account_digits],
        ]}
      />
    </Panel>
  );
}

function Journals({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const journals = useJournals(entity);
  return (
    <Panel flush title={t('books.journals')}>
      <Loaded query={journals} height={200}>
        {(list) => (
          <table className="plain" aria-label={t('books.journals')}>
            <thead>
              <tr>
                <th scope="col">{t('books.journal')}</th>
                <th scope="col" className="end">{t('books.entriesLabel')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((one) => (
                <tr key={one.code}>
                  <td><Link to="/ledger" search={{ tab: 'entries', journal: one.code }}><span className={css.code}>{one.code}</span>{nameOf(one)}</Link>{one.last_on && <div className="muted">{t('books.lastOn', { on: formatDay(one.last_on) })}</div>}</td>
                  <td className="end">{formatNumber(one.entries)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}
