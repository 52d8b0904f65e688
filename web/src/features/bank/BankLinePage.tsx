import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView } from '@/api/schema';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { Facts, Page, Panel, Stack } from '@/ui/layout';
import { LoadedPage } from '@/ui/LoadedPage';
import css from './bank.module.css';
import { BankLine } from './BankLine';
import { UndoLine } from './UndoLine';

const LineDrawer = lazy(async () => ({ default: (await import('./LineDrawer')).LineDrawer }));

const route = getRouteApi('/_app/bank/lines/$lineId');

/** One movement of a bank account, and what became of it. */
export function BankLinePage() {
  const { t } = useTranslation();
  const { lineId } = route.useParams();
  const line = api.useQuery('get', '/api/bank/lines/{id}', { params: { path: { id: lineId } } });
  return <LoadedPage query={line} list={{ link: { to: '/bank' }, title: t('bank.title') }}>{(view) => <Screen line={view} />}</LoadedPage>;
}

function Screen({ line }: { line: BankLineView }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'other' | 'undo'>();
  const undone = line.matches.filter((match) => match.undone_at);
  return (
    <Page title={line.counterparty ?? line.label} about={<><Link to="/bank/$accountId" params={{ accountId: line.account_id }}>{t('bank.toAccount')}</Link> · {line.entity} · {formatDay(line.booked_on)}</>}>
      <Stack>
        <Panel flush><div className={css.line}><BankLine line={line} onOther={() => setOpen('other')} onUndo={() => setOpen('undo')} /></div></Panel>
        <Panel title={t('common.details')}>
          <Facts
            facts={[
              [t('books.amount'), formatMoney(line.amount, line.currency)],
              [t('books.label'), line.label],
              [t('bank.remittance'), line.remittance],
              ['IBAN', line.counterparty_iban],
              [t('bank.references'), [line.end_to_end_id, ...line.references].filter(Boolean).join(' · ')],
              [t('bank.charges'), line.charges && formatMoney(line.charges, line.currency)],
              [t('bank.returned'), line.returned ? (line.return_reason ?? t('common.yes')) : ''],
              [t('bank.bankReference'), line.external_id],
              [t('bank.matchedBy'), line.matched_at && `${line.matched_by} · ${formatInstant(line.matched_at)}`],
              [t('bank.undoneBefore'), undone.map((match) => `${match.undone_by} : ${match.undone_reason}`).join(' · ')],
            ]}
          />
        </Panel>
      </Stack>
      {open === 'other' && <Suspense><LineDrawer line={line} onClose={() => setOpen(undefined)} /></Suspense>}
      {open === 'undo' && <UndoLine line={line} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
