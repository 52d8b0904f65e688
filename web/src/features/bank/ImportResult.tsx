import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BankImport, BankImportPreview, StatementWarning } from '@/api/schema';
import { formatDay, formatMoney, formatNumber } from '@/lib/format';
import { Facts, Panel, Pill } from '@/ui/layout';
import css from './bank.module.css';

const LINES_SHOWN = 12;

/** What a file would bring: its statements, what is new in them, and the first lines. */
export function Preview({ seen, currency }: { seen: BankImportPreview; currency: string }) {
  const { t } = useTranslation();
  const lines = seen.statements.flatMap((statement) => statement.lines);
  return (
    <Stack gap="sm" role="status">
      <span>
        <Pill tone="info">{t(`bank.formats.${seen.format}`)}</Pill> <strong>{t('bank.import.new', { count: seen.new, lines: formatNumber(seen.new) })}</strong>
        {seen.known > 0 && <span className="muted"> · {t('bank.import.known', { count: seen.known, lines: formatNumber(seen.known) })}</span>}
      </span>
      {seen.statements.map((statement) => (
        <div key={`${statement.number} ${statement.from_on} ${statement.to_on}`}>
          <span className="muted num">
            {statement.from_on && statement.to_on && `${formatDay(statement.from_on)} – ${formatDay(statement.to_on)}`}
            {statement.opening && ` · ${formatMoney(statement.opening, currency)}`}
            {statement.closing && ` → ${formatMoney(statement.closing, currency)}`}
          </span>
          {statement.warnings.map((warning) => <div key={JSON.stringify(warning)}><Pill tone="warn">{t('bank.warning.label')}</Pill> <Warning warning={warning} /></div>)}
        </div>
      ))}
      {lines.length > 0 && (
        <div className={css.sample}>
          <table className="plain" aria-label={t('bank.import.firstLines')}>
            <thead>
              <tr>
                <th scope="col">{t('books.date')}</th>
                <th scope="col">{t('bank.counterparty')}</th>
                <th scope="col">{t('books.label')}</th>
                <th scope="col" className="end">{t('books.amount')}</th>
              </tr>
            </thead>
            <tbody>
              {lines.slice(0, LINES_SHOWN).map((line) => (
                <tr key={line.external_id}>
                  <td className="num">{formatDay(line.booked_on)}</td>
                  <td>{line.counterparty}</td>
                  <td>{line.label}</td>
                  <td className="end">{formatMoney(line.amount, line.currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}

function Warning({ warning }: { warning: StatementWarning }) {
  const { t } = useTranslation();
  if (warning.kind === 'notification') return <>{t('bank.warning.notification')}</>;
  if (warning.kind === 'not_booked') return <>{t('bank.warning.not_booked', { entry: warning.entry, status: warning.status })}</>;
  return <>{t('bank.warning.batch_kept', { entry: warning.entry, transactions: warning.transactions })}</>;
}

/** What an import did, and what became of its lines. */
export function Imported({ done }: { done: BankImport }) {
  const { t } = useTranslation();
  const { matching } = done;
  return (
    <Panel title={t(done.is_known_file ? 'bank.import.duplicate' : 'bank.import.done')}>
      <Stack gap="sm" role="status">
        {done.is_known_file && <div className="muted">{t('bank.import.duplicateAbout')}</div>}
        <Facts
          facts={[
            [t('bank.import.newLabel'), formatNumber(done.new)],
            [t('bank.known'), formatNumber(done.known)],
            [t('bank.import.matched'), formatNumber(matching.matched)],
            [t('bank.import.suggested'), formatNumber(matching.suggested)],
            [t('bank.import.waiting'), formatNumber(matching.unmatched)],
            [t('bank.import.queued'), matching.queued > 0 ? formatNumber(matching.queued) : ''],
          ]}
        />
      </Stack>
    </Panel>
  );
}
