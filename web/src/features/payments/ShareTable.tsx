import { Button, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DocumentView } from '@/api/schema';
import { useDocumentName } from '@/features/invoices/status';
import { language } from '@/i18n';
import { isNegative, isZero, typedMoney } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { restOf, type Shares } from './allocation';

/** What is open of a customer and how much of it is settled now, and what becomes of the rest. */
export function ShareTable({ claims, shares, total, currency, restIsCredit, onChange, onPropose }: {
  claims: readonly DocumentView[]; shares: Shares; total: string; currency: string; restIsCredit: boolean; onChange: (shares: Shares) => void; onPropose: () => void;
}) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  const rest = restOf(total, shares);
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
      <legend style={{ fontWeight: 600, padding: 0, width: '100%', display: 'flex', justifyContent: 'space-between', alignItems: 'center' }}>
        {t('payments.settles')}
        {claims.length > 0 && <Button variant="subtle" size="compact-xs" onClick={onPropose}>{t('payments.propose')}</Button>}
      </legend>
      {claims.length === 0 && <Text size="sm" c="dimmed">{t('payments.nothingOpen')}</Text>}
      {claims.length > 0 && (
        <table className="plain">
          <tbody>
            {claims.map((claim) => (
              <tr key={claim.id}>
                <td>
                  <Link to="/invoices/$documentId" params={{ documentId: claim.id }} target="_blank">{nameOf(claim)}</Link>
                  <div className="muted num">{claim.due_on && t('payments.due', { day: formatDay(claim.due_on) })} {claim.payment_state === 'overdue' && <Pill tone="bad">{t('invoices.state.overdue')}</Pill>}</div>
                </td>
                <td className="end">{formatMoney(claim.balance, claim.currency)}</td>
                <td style={{ width: '7.5rem' }}>
                  <TextInput
                    inputMode="decimal"
                    aria-label={t('payments.shareOf', { number: nameOf(claim) })}
                    placeholder="0"
                    value={shares[claim.id] ?? ''}
                    onChange={(event) => onChange({ ...shares, [claim.id]: event.currentTarget.value })}
                    styles={{ input: { textAlign: 'end' } }}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div aria-live="polite" data-testid="rest" style={{ paddingTop: '0.375rem', fontSize: 'var(--mantine-font-size-sm)' }}>
        {rest !== undefined && isNegative(rest) && <span style={{ color: 'var(--bad)' }}>{t('payments.tooMuch', { amount: formatMoney(rest.slice(1), currency) })}</span>}
        {rest !== undefined && !isNegative(rest) && !isZero(rest) && <span>{t(restIsCredit ? 'payments.restCredit' : 'payments.restStays', { amount: formatMoney(rest, currency) })}</span>}
        {rest !== undefined && isZero(rest) && total.trim() !== '' && <span className="muted">{t('payments.restNone')}</span>}
      </div>
    </fieldset>
  );
}

/** Proposed shares as people type them. */
export function typedShares(shares: Shares): Shares {
  return Object.fromEntries(Object.entries(shares).map(([id, share]) => [id, typedMoney(share, language())]));
}
