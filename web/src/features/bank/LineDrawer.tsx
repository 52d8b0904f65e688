import { Button, SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BankLineView } from '@/api/schema';
import { formatDay, formatMoney } from '@/lib/format';
import { Facts } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';
import css from './bank.module.css';
import { IgnoreLine } from './IgnoreLine';
import { commandOf } from './match';
import { MatchDocuments } from './MatchDocuments';
import { MatchPayments } from './MatchPayments';
import { PostLine } from './PostLine';
import { SuggestionText } from './SuggestionText';
import { useMatch } from './use-match';

const WAYS = ['suggestions', 'documents', 'payments', 'account', 'ignore'] as const;

/** Everything that a line may become. */
export function LineDrawer({ line, onClose }: { line: BankLineView; onClose: () => void }) {
  const { t } = useTranslation();
  const ways = WAYS.filter((one) => one !== 'suggestions' || line.suggestions.length > 0);
  const [way, setWay] = useState<string>(ways[0] ?? 'documents');
  return (
    <Side onClose={onClose} title={line.counterparty ?? line.label} size="xl">
      <Stack>
        <Facts
          facts={[
            [t('books.amount'), <strong key="amount">{formatMoney(line.amount, line.currency)}</strong>],
            [t('books.date'), formatDay(line.booked_on)],
            [t('books.label'), line.label],
            [t('bank.remittance'), line.remittance === line.label ? '' : line.remittance],
            ['IBAN', line.counterparty_iban],
            [t('bank.references'), [line.end_to_end_id, ...line.references].filter(Boolean).join(' · ')],
            [t('bank.charges'), line.charges && formatMoney(line.charges, line.currency)],
            [t('bank.returned'), line.returned ? (line.return_reason ?? t('common.yes')) : ''],
          ]}
        />
        <SegmentedControl aria-label={t('bank.way')} value={way} data={ways.map((value) => ({ value, label: t(`bank.ways.${value}`) }))} onChange={setWay} fullWidth />
        {way === 'suggestions' && <Suggestions line={line} onDone={onClose} />}
        {way === 'documents' && <MatchDocuments line={line} onDone={onClose} />}
        {way === 'payments' && <MatchPayments line={line} onDone={onClose} />}
        {way === 'account' && <PostLine line={line} onDone={onClose} />}
        {way === 'ignore' && <IgnoreLine line={line} onDone={onClose} />}
      </Stack>
    </Side>
  );
}

function Suggestions({ line, onDone }: { line: BankLineView; onDone: () => void }) {
  const { t } = useTranslation();
  const match = useMatch(onDone);
  return (
    <div>
      {line.suggestions.map((suggestion) => (
        <div key={JSON.stringify([suggestion.documents, suggestion.payment_id])} className={css.choice} style={{ gridTemplateColumns: 'minmax(0, 1fr) auto' }}>
          <SuggestionText suggestion={suggestion} currency={line.currency} />
          <Button variant="default" loading={match.isPending} onClick={() => match.mutate({ params: { path: { id: line.id } }, body: commandOf(suggestion) })}>{t(suggestion.kind === 'bounce' ? 'bank.confirmBounce' : 'bank.confirm')}</Button>
        </div>
      ))}
      {match.error !== null && <ProblemBox error={match.error} />}
    </div>
  );
}
