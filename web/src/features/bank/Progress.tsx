import { useTranslation } from 'react-i18next';
import type { BankReconciliation } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import css from './bank.module.css';

/** How many lines of an account are done, those that stay out of the books among them. */
export function Progress({ seen }: { seen: BankReconciliation }) {
  const { t } = useTranslation();
  const done = seen.matched_lines + seen.ignored_lines;
  const all = done + seen.unmatched_lines;
  if (all === 0) return null;
  const text = t('bank.progress', { done: formatNumber(done), all: formatNumber(all) });
  return (
    <span className={css.progress}>
      <progress value={done} max={all} aria-label={text} />
      <span className="muted num">{text}</span>
    </span>
  );
}
