import { Button, Group, Select, Stack } from '@mantine/core';
import { addDays, formatISO, parseISO } from 'date-fns';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BankLineView, BankPaymentUse, PaymentView } from '@/api/schema';
import { SourceLink } from '@/features/ledger/SourceLink';
import { isZero, minus } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { Empty, Loaded, ProblemBox } from '@/ui/states';
import css from './bank.module.css';
import { moved } from './match';
import { useMatch } from './use-match';

const BEFORE_DAYS = -60;
const AFTER_DAYS = 15;
const USES: BankPaymentUse[] = ['link', 'bounce', 'refund'];

/** Recognises payments that are recorded already, or takes back one that returned. */
export function MatchPayments({ line, onDone }: { line: BankLineView; onDone: () => void }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [use, setUse] = useState<BankPaymentUse>();
  const day = (by: number) => formatISO(addDays(parseISO(line.booked_on), by), { representation: 'date' });
  const payments = api.useQuery('get', '/api/payments', { params: { query: { entity: line.entity, from: day(BEFORE_DAYS), to: day(AFTER_DAYS), limit: 100 } } });
  const match = useMatch(onDone);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const isEqual = (payment: PaymentView) => isZero(minus(payment.amount, moved(line)));
  return (
    <Stack gap="sm">
      <div className="muted">{t('bank.paymentsAbout')}</div>
      <Loaded query={payments} height={200}>
        {(page) => {
          const fitting = page.items.filter((payment) => payment.currency === line.currency && payment.status === 'completed').toSorted((one, other) => Number(isEqual(other)) - Number(isEqual(one)));
          if (fitting.length === 0) return <Empty title={t('bank.noPayment')}>{t('bank.noPaymentAbout')}</Empty>;
          return (
            <div>
              {fitting.map((payment) => (
                <div key={payment.id} className={css.choice}>
                  <input type="checkbox" checked={chosen.has(payment.id)} aria-label={`${payment.party_name} ${payment.reference}`} onChange={() => toggle(payment.id)} />
                  <span><strong><SourceLink kind="payment" id={payment.id} text={payment.party_name} /></strong> · {formatDay(payment.received_on)} <span className="muted">{payment.reference}</span></span>
                  <span className={css.choiceAmount}>{formatMoney(payment.amount, payment.currency)}</span>
                </div>
              ))}
            </div>
          );
        }}
      </Loaded>
      <Select label={t('bank.useLabel')} clearable placeholder={t('bank.useGuess')} data={USES.map((value) => ({ value, label: t(`bank.use.${value}`) }))} value={use ?? null} onChange={(value) => setUse(USES.find((one) => one === value))} />
      {use === 'bounce' && <div className="muted">{t('bank.bounceAbout')}</div>}
      {match.error !== null && <ProblemBox error={match.error} />}
      <Group justify="flex-end"><Button disabled={chosen.size === 0} loading={match.isPending} onClick={() => match.mutate({ params: { path: { id: line.id } }, body: { payment_ids: [...chosen], ...(use && { treat_as: use }) } })}>{t('bank.match')}</Button></Group>
    </Stack>
  );
}
