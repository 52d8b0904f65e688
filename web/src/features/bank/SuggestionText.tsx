import { useTranslation } from 'react-i18next';
import type { BankSuggestion, StatementMatchFact } from '@/api/schema';
import { SourceLink } from '@/features/ledger/SourceLink';
import { isZero } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import { Pill } from '@/ui/layout';
import css from './bank.module.css';

const SURE = 95;
const LIKELY = 70;

/** What a line may be: the documents, how sure that is, and why in words. */
export function SuggestionText({ suggestion, currency }: { suggestion: BankSuggestion; currency: string }) {
  const { t } = useTranslation();
  const { documents } = suggestion;
  const party = documents[0]?.party_name;
  return (
    <div className={css.guess}>
      <span>
        <Pill tone={suggestion.score >= SURE ? 'good' : suggestion.score >= LIKELY ? 'info' : 'warn'}><span className={css.score}>{suggestion.score} %</span></Pill>{' '}
        {documents.map((document, index) => (
          <span key={document.document_id}>{index > 0 && ', '}<SourceLink kind="document" id={document.document_id} text={document.number} /></span>
        ))}
        {documents.length === 0 && suggestion.payment_id && <SourceLink kind="payment" id={suggestion.payment_id} text={t(`bank.kind.${suggestion.kind}`)} />}
        {party && ` · ${party}`}
        {documents.length === 1 && ` · ${formatMoney(documents[0]?.amount ?? '0', currency)}`}
        {!isZero(suggestion.unallocated) && <span className="muted"> · {t('bank.toCredit', { amount: formatMoney(suggestion.unallocated, currency) })}</span>}
      </span>
      <span className="muted"><Why suggestion={suggestion} currency={currency} /></span>
    </div>
  );
}

function Why({ suggestion, currency }: { suggestion: BankSuggestion; currency: string }) {
  const { t } = useTranslation();
  const words = (fact: StatementMatchFact): string => {
    switch (fact.kind) {
      case 'due_near':
        return fact.days === 0 ? t('bank.fact.dueSame') : t(fact.days < 0 ? 'bank.fact.dueBefore' : 'bank.fact.dueAfter', { count: Math.abs(fact.days) });
      case 'partial_payment':
      case 'over_payment':
        return t(`bank.fact.${fact.kind}`, { open: formatMoney(fact.open, currency) });
      case 'charges':
        return t('bank.fact.charges', { amount: formatMoney(fact.amount, currency) });
      case 'number_in_label':
      case 'end_to_end_equal':
        return t(`bank.fact.${fact.kind}`, { number: fact.number });
      case 'name_similar':
        return t('bank.fact.name_similar', { name: fact.name, percent: fact.percent });
      case 'combination':
      case 'ambiguous':
        return t(`bank.fact.${fact.kind}`, { count: fact.count });
      case 'return_reason':
        return t('bank.fact.return_reason', { code: fact.code });
      default:
        return t(`bank.fact.${fact.kind}`);
    }
  };
  const facts = suggestion.facts.map(words);
  return <>{(facts.length > 0 ? facts : [t(`bank.reason.${suggestion.reason}`)]).join(' · ')}</>;
}
