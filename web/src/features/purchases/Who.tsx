import { useTranslation } from 'react-i18next';
import type { IncomingInvoiceDetail, IncomingParty } from '@/api/schema';
import { Facts, Panel } from '@/ui/layout';
import css from './purchases.module.css';

/** Who bills whom, as the invoice names them. */
export function Who({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('purchases.who')}>
      <One label={t('purchases.seller')} party={invoice.seller} />
      <One label={t('purchases.buyer')} party={invoice.buyer} />
    </Panel>
  );
}

function One({ label, party }: { label: string; party: IncomingParty }) {
  const { t } = useTranslation();
  const numbers = [
    [t('purchases.vatNumber'), party.vat_number],
    [t('purchases.registration'), party.registration],
    [t('common.email'), party.email],
    [t('common.phone'), party.phone],
  ] as const;
  return (
    <div className={css.who}>
      <div className="muted">{label}</div>
      <strong>{party.name}</strong>
      {party.trading_name && party.trading_name !== party.name && <div>{party.trading_name}</div>}
      {party.address.map((line) => <div key={line}>{line}</div>)}
      {numbers.map(([name, value]) => value && <div key={name}><span className="muted">{name}</span> <span className="num">{value}</span></div>)}
    </div>
  );
}

/** How the seller wants to be paid. */
export function Paying({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const { payment, payment_reference: reference, payment_terms: terms } = invoice;
  if (payment.length === 0 && !reference && !terms) return null;
  return (
    <Panel title={t('purchases.paying')}>
      {payment.map((one) => (
        <div key={`${one.means} ${one.iban ?? ''} ${one.text ?? ''}`} className={css.who}>
          <strong>{t(`purchases.means.${one.means as 'transfer'}`)}</strong>
          {one.iban && <div className="num">{grouped(one.iban)}</div>}
          {one.bic && <div className="muted num">{one.bic}</div>}
          {one.text && <div>{one.text}</div>}
        </div>
      ))}
      <Facts facts={[[t('purchases.reference'), reference], [t('purchases.terms'), terms]]} />
    </Panel>
  );
}

/** An IBAN in groups of four; another account as it is. */
function grouped(account: string): string {
  return /^[A-Z]{2}\d{2}/.test(account) ? account.replaceAll(/(.{4})(?=.)/g, '$1 ') : account;
}
