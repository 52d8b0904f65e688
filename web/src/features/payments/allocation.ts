import type { WriteAllocation } from '@/api/schema';
import { isNegative, isZero, least, minus, readAmount, sum } from '@/lib/decimal';

/** What of a payment settles each document, as it is typed. */
export type Shares = Record<string, string>;

interface Claim {
  id: string;
  balance: string;
}

/** Settles the first documents in full until nothing is left. */
export function propose(total: string, claims: readonly Claim[]): Shares {
  let left = readAmount(total) ?? '0';
  const shares: Shares = {};
  for (const { id, balance } of claims) {
    const share = least(left, balance);
    if (isNegative(share) || isZero(share)) continue;
    shares[id] = share;
    left = minus(left, share);
  }
  return shares;
}

/** What is left once the shares are taken off, exactly; none where something is no number. */
export function restOf(total: string, shares: Shares): string | undefined {
  const all = Object.values(shares).filter((share) => share.trim() !== '').map(readAmount);
  const whole = readAmount(total);
  if (whole === undefined || all.includes(undefined)) return undefined;
  return minus(whole, sum(all.map((share) => share ?? '0')));
}

/** The shares as they are sent: those that are more than nothing. */
export function sent(shares: Shares): WriteAllocation[] {
  return Object.entries(shares).flatMap(([document_id, typed]) => {
    const amount = readAmount(typed);
    return amount === undefined || isZero(amount) ? [] : [{ document_id, amount }];
  });
}
