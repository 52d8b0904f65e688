import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView, BankRest, DocumentView } from '@/api/schema';
import { PartySelect } from '@/features/ledger/PartySelect';
import { SourceLink } from '@/features/ledger/SourceLink';
import { isNegative, isZero, least, minus, opposite, readAmount, sum } from '@/lib/decimal';
import { formatAmount, formatDay, formatMoney } from '@/lib/format';
import { SearchBox } from '@/ui/filters';
import { Empty, Loaded, ProblemBox } from '@/ui/states';
import css from './bank.module.css';
import { moved } from './match';
import { useMatch } from './use-match';

/** What an incoming line can pay are invoices; an outgoing one pays suppliers or gives back credit notes. */
function fits(line: BankLineView, document: DocumentView): boolean {
  const isCredit = document.kind === 'credit_note';
  const isClaim = document.kind === 'invoice' || document.kind === 'deposit_invoice';
  const right = isNegative(line.amount) ? (document.direction === 'purchase' && isClaim) || (document.direction === 'sale' && isCredit) : document.direction === 'sale' && isClaim;
  return right && document.status !== 'draft' && document.currency === line.currency && !isZero(document.balance);
}

/** Whether a line is all that is open on a document. */
function isWhole(line: BankLineView, document: DocumentView): boolean {
  return isZero(minus(document.balance, moved(line)));
}

/** Picks what a line pays: several documents, parts of them, and what becomes of the rest. */
export function MatchDocuments({ line, onDone }: { line: BankLineView; onDone: () => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState<string>();
  const [chosen, setChosen] = useState<Map<string, { document: DocumentView; amount: string }>>(new Map());
  const [rest, setRest] = useState<BankRest>();
  const [party, setParty] = useState<string>();
  const documents = api.useQuery('get', '/api/documents', { params: { query: { entity: line.entity, limit: 100, ...(search && { search }) } } });
  const match = useMatch(onDone);
  const money = (amount: string) => formatMoney(amount, line.currency);
  const taken = sum([...chosen.values()].map(({ amount }) => readAmount(amount) ?? '0'));
  const left = minus(moved(line), taken);
  const toggle = (document: DocumentView) => {
    const next = new Map(chosen);
    if (!next.delete(document.id)) next.set(document.id, { document, amount: formatAmount(isNegative(left) || isZero(left) ? document.balance : least(document.balance, left), line.currency) });
    setChosen(next);
  };
  const credit = chosen.size === 0 ? party !== undefined : rest !== undefined || isZero(left);
  const submit = () => {
    const payments = [...chosen.values()].map(({ document, amount }) => ({ document_id: document.id, amount: readAmount(amount) ?? '0' }));
    const owner = party ?? [...chosen.values()][0]?.document.party_id;
    match.mutate({ params: { path: { id: line.id } }, body: payments.length === 0 ? { party_id: party ?? null, rest: 'credit' } : { payments, ...(!isZero(left) && { rest: rest ?? null, ...(rest === 'credit' && owner && { party_id: owner }) }) } });
  };
  const rests: BankRest[] = isNegative(left) ? ['rounding', 'bank_fees'] : ['credit', 'rounding', 'bank_fees'];
  return (
    <Stack gap="sm">
      <SearchBox label={t('bank.searchDocuments')} value={search} onChange={setSearch} />
      <Loaded query={documents} height={200}>
        {(page) => {
          const kept = [...chosen.values()].map(({ document }) => document);
          const found = page.items.filter((document) => fits(line, document) && !chosen.has(document.id)).toSorted((one, other) => Number(isWhole(line, other)) - Number(isWhole(line, one)));
          if (found.length + kept.length === 0) return <Empty title={t('bank.noDocument')}>{t('bank.noDocumentAbout')}</Empty>;
          return <div>{[...kept, ...found].map((document) => <Choice key={document.id} document={document} amount={chosen.get(document.id)?.amount} onToggle={() => toggle(document)} onAmount={(amount) => setChosen(new Map(chosen).set(document.id, { document, amount }))} />)}</div>;
        }}
      </Loaded>
      {chosen.size === 0 && <PartySelect entity={line.entity} label={t('bank.wholeCredit')} value={party} onChange={setParty} />}
      <Group justify="space-between" aria-live="polite">
        <span>{t('bank.chosen', { amount: money(taken), of: money(moved(line)) })}</span>
        {chosen.size > 0 && !isZero(left) && <strong>{isNegative(left) ? t('bank.tooMuch', { amount: money(opposite(left)) }) : t('bank.left', { amount: money(left) })}</strong>}
      </Group>
      {chosen.size > 0 && !isZero(left) && <Select label={t('bank.restLabel')} data={rests.map((value) => ({ value, label: t(`bank.rest.${value}`) }))} value={rest ?? null} onChange={(value) => setRest(rests.find((one) => one === value))} />}
      {match.error !== null && <ProblemBox error={match.error} />}
      <Group justify="flex-end"><Button disabled={!credit} loading={match.isPending} onClick={submit}>{t('bank.match')}</Button></Group>
    </Stack>
  );
}

function Choice({ document, amount, onToggle, onAmount }: { document: DocumentView; amount: string | undefined; onToggle: () => void; onAmount: (amount: string) => void }) {
  const { t } = useTranslation();
  const name = document.number ?? document.subject;
  return (
    <div className={css.choice}>
      <input type="checkbox" checked={amount !== undefined} aria-label={name} onChange={onToggle} />
      <span>
        <strong><SourceLink kind="document" id={document.id} text={name} /></strong> · {document.party_name}
        <span className="muted"> · {document.due_on && t('books.due', { on: formatDay(document.due_on) })}</span>
      </span>
      {amount === undefined
        ? <span className={css.choiceAmount}>{formatMoney(document.balance, document.currency)}</span>
        : <TextInput className={css.choiceAmount ?? ''} inputMode="decimal" aria-label={t('bank.amountOf', { name })} value={amount} error={readAmount(amount) === undefined} onChange={(event) => onAmount(event.currentTarget.value)} />}
    </div>
  );
}
