import { useTranslation } from 'react-i18next';
import type { InvoiceFigures as FiguresView } from '@/api/schema';
import { firstOfMonth, today } from '@/lib/day';
import { formatMoney } from '@/lib/format';
import { Figure, Figures } from '@/ui/layout';
import { useFigures } from './queries';

/** The currency most is written in comes first; the others stand in the note. */
function leading(figures: readonly FiguresView[]): FiguresView[] {
  return figures.toSorted((one, other) => other.open + other.issued - one.open - one.issued);
}

/** What is open, what is overdue, what is being written and what was issued this month; each opens its rows. */
export function InvoiceFigures({ party }: { party?: string }) {
  const { t } = useTranslation();
  const figures = leading(useFigures(party).data ?? []);
  const [first] = figures;
  const amount = (field: 'open_balance' | 'overdue_balance' | 'drafts_net' | 'issued_net') => (first ? formatMoney(first[field], first.currency) : '–');
  const note = (count: 'open' | 'overdue' | 'drafts' | 'issued', field: 'open_balance' | 'overdue_balance' | 'drafts_net' | 'issued_net') => {
    const others = figures.slice(1).filter((one) => one[count] > 0).map((one) => formatMoney(one[field], one.currency));
    const all = figures.reduce((sum, one) => sum + one[count], 0);
    return [t(`invoices.count.${count === 'drafts' ? 'drafts' : count === 'issued' ? 'issued' : 'invoices'}`, { count: all }), ...others].join(' · ');
  };
  const rows = (search: object) => ({ to: '/invoices' as const, search: { ...(party !== undefined && { customer: party }), ...search } });
  return (
    <Figures>
      <Figure label={t('invoices.figure.open')} value={amount('open_balance')} note={note('open', 'open_balance')} to={rows({ status: 'open' })} />
      <Figure label={t('invoices.figure.overdue')} value={amount('overdue_balance')} note={note('overdue', 'overdue_balance')} to={party === undefined ? rows({ tab: 'overdue' }) : rows({ status: 'overdue' })} />
      <Figure label={t('invoices.figure.drafts')} value={amount('drafts_net')} note={note('drafts', 'drafts_net')} to={rows({ status: 'draft' })} />
      <Figure label={t('invoices.figure.issued')} value={amount('issued_net')} note={note('issued', 'issued_net')} to={rows({ from: firstOfMonth(today()) })} />
      {first?.credit !== null && first?.credit !== undefined && <Figure label={t('invoices.figure.credit')} value={formatMoney(first.credit, first.currency)} note={t('invoices.figure.creditAbout')} {...(party !== undefined && { to: { to: '/payments', search: { customer: party, unallocated: 'true' } } })} />}
    </Figures>
  );
}
