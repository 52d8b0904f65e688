import { isZero } from '@/lib/decimal';
import { formatAmount } from '@/lib/format';

/** An amount in a column that names its currency once; nothing is a dash. */
export function Amount({ value, currency = 'EUR' }: { value: string; currency?: string | null | undefined }) {
  return isZero(value) ? <span className="muted">–</span> : <span className="num">{formatAmount(value, currency ?? 'EUR')}</span>;
}
