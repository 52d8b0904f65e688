import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { CardLine } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { isZero, minus, sum } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import css from './books.module.css';

/** What the selected lines come to, and the button that letters them once that is nothing. */
export function LetterSelected({ lines, currency, clear }: { lines: CardLine[]; currency: string; clear: () => void }) {
  const { t } = useTranslation();
  const debit = sum(lines.map((line) => line.debit));
  const credit = sum(lines.map((line) => line.credit));
  const difference = minus(debit, credit);
  const outcome = useOutcome({ done: t('books.lettering.done') });
  const letter = api.useMutation('post', '/api/ledger/letterings', {
    ...outcome,
    onSuccess: async () => {
      clear();
      await outcome.onSuccess();
    },
  });
  const why = lines.some((line) => line.letter) ? t('books.lettering.already') : isZero(difference) ? undefined : t('books.lettering.notEven');
  return (
    <>
      <span className={css.figures}>
        <span>{t('books.debit')} {formatMoney(debit, currency)}</span>
        <span>{t('books.credit')} {formatMoney(credit, currency)}</span>
        <strong>{t('books.lettering.difference', { amount: formatMoney(difference, currency) })}</strong>
      </span>
      <Button loading={letter.isPending} disabled={why !== undefined || lines.length < 2} title={why} onClick={() => letter.mutate({ body: { lines: lines.map((line) => line.id) } })}>{t('books.lettering.letter')}</Button>
      <Button variant="default" onClick={clear}>{t('common.cancel')}</Button>
    </>
  );
}
