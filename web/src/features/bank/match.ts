import type { BankLineView, BankSuggestion, MatchBankLine } from '@/api/schema';
import { isNegative, isZero, opposite } from '@/lib/decimal';

/** What confirming a suggestion asks of the service. */
export function commandOf(suggestion: BankSuggestion): MatchBankLine {
  if (suggestion.kind === 'bounce' || suggestion.kind === 'recorded') return { payment_id: suggestion.payment_id ?? null };
  const payments = suggestion.documents.map(({ document_id, amount }) => ({ document_id, amount }));
  return isZero(suggestion.unallocated) ? { payments } : { payments, party_id: suggestion.documents[0]?.party_id ?? null, rest: 'credit' };
}

/** How much a line moved, whichever way. */
export function moved(line: BankLineView): string {
  return isNegative(line.amount) ? opposite(line.amount) : line.amount;
}
