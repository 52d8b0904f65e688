import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineState, BankLineView, BankMatchView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { SourceLink } from '@/features/ledger/SourceLink';
import { isNegative } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { Pill, type Tone } from '@/ui/layout';
import css from './bank.module.css';
import { commandOf } from './match';
import { SuggestionText } from './SuggestionText';

const TONES: Record<BankLineState, Tone> = { suggested: 'info', unmatched: 'warn', matched: 'good', ignored: 'neutral' };

/** What a line says, what it may be or became, and what to do with it. */
export function BankLine({ line, onOther, onUndo }: { line: BankLineView; onOther: () => void; onUndo: () => void }) {
  return (
    <>
      <span className={`num muted ${css.day}`}>{formatDay(line.booked_on)}</span>
      <span className={css.who}>
        <strong title={line.label}>{line.counterparty ?? line.label}</strong>
        {line.counterparty && <span className="muted" title={line.label}>{line.label}</span>}
      </span>
      <span className={css.amount} data-in={!isNegative(line.amount)}>{formatMoney(line.amount, line.currency)}</span>
      <Became line={line} />
      <Acts line={line} onOther={onOther} onUndo={onUndo} />
    </>
  );
}

function Became({ line }: { line: BankLineView }) {
  const { t } = useTranslation();
  const [best, ...others] = line.suggestions;
  const made = line.matches.filter((match) => !match.undone_at);
  if (line.state === 'suggested' && best) {
    return <div><SuggestionText suggestion={best} currency={line.currency} />{others.length > 0 && <span className="muted">{t('bank.others', { count: others.length })}</span>}</div>;
  }
  return (
    <div className={css.guess}>
      <span><Pill tone={TONES[line.state]}>{t(`bank.state.${line.state}`)}</Pill>{made.some((match) => match.automatic) && <> <Pill>{t('bank.automatic')}</Pill></>}</span>
      {made.map((match) => <Made key={`${match.payment_id} ${match.entry_id}`} match={match} currency={line.currency} />)}
      {line.state === 'ignored' && <span className="muted">{line.ignore_reason}</span>}
      {line.state === 'unmatched' && <span className="muted">{t('bank.nothingFits')}</span>}
    </div>
  );
}

function Made({ match, currency }: { match: BankMatchView; currency: string }) {
  const { t } = useTranslation();
  return (
    <span>
      {match.payment_id && <SourceLink kind="payment" id={match.payment_id} text={t(`bank.made.${match.kind}`)} />}
      {match.payment_id && match.entry_id && ' · '}
      {match.entry_id && <Link to="/ledger/entries/$entryId" params={{ entryId: match.entry_id }}>{t(match.payment_id ? 'books.entryLabel' : `bank.made.${match.kind}`)}</Link>}
      <span className="muted num"> · {formatMoney(match.amount, currency)}</span>
    </span>
  );
}

function Acts({ line, onOther, onUndo }: { line: BankLineView; onOther: () => void; onUndo: () => void }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [best] = line.suggestions;
  const confirm = api.useMutation('post', '/api/bank/lines/{id}/match', useOutcome({ done: t('bank.matched') }));
  const run = () => best && confirm.mutate({ params: { path: { id: line.id } }, body: commandOf(best) });
  const title = oneEntity ? undefined : t('common.oneEntity');
  return (
    <div className={css.acts}>
      {line.can.includes('match') && best && (best.kind === 'bounce'
        ? <ConfirmButton label={t('bank.confirm')} title={t('bank.bounceTitle')} disabled={!oneEntity} loading={confirm.isPending} onConfirm={run}>{t('bank.bounceAbout')}</ConfirmButton>
        : <Button disabled={!oneEntity} title={title} loading={confirm.isPending} onClick={run}>{t('bank.confirm')}</Button>)}
      {line.can.includes('match') && <Button variant="default" disabled={!oneEntity} title={title} onClick={onOther}>{t(best ? 'bank.other' : 'bank.match')}</Button>}
      {line.can.includes('unmatch') && <Button variant="default" disabled={!oneEntity} title={title} onClick={onUndo}>{t('bank.undo')}</Button>}
    </div>
  );
}
