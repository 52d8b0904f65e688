import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { IncomingFinding, IncomingInvoiceDetail } from '@/api/schema';
import invoices from '@/features/invoices/invoices.module.css';
import { formatMoney } from '@/lib/format';
import { Panel } from '@/ui/layout';
import css from './purchases.module.css';

/** What is odd about an invoice, and what of its file was not taken over; nothing where all is well. */
export function Findings({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const { findings, warnings } = invoice;
  if (findings.length === 0 && warnings.length === 0) return null;
  return (
    <Panel title={t('purchases.findings')}>
      {findings.length > 0 && (
        <ul className={`${invoices.findings} ${css.findings}`}>
          {findings.map((finding) => <li key={`${finding.code} ${finding.term} ${finding.message}`}><IconAlertTriangle size={15} color="var(--warn)" aria-hidden /><Told finding={finding} invoice={invoice} /></li>)}
        </ul>
      )}
      {warnings.length > 0 && (
        <ul className={`${invoices.findings} ${css.findings} ${css.warnings}`} aria-label={t('purchases.warnings')}>
          {warnings.map((warning) => <li key={`${warning.code} ${warning.term} ${warning.message}`}><IconInfoCircle size={15} aria-hidden /><Told finding={warning} invoice={invoice} /></li>)}
        </ul>
      )}
    </Panel>
  );
}

/** A sum that is not what the file says, as the service tells it. */
const SUM = /^(?:Line (?<line>.+)|The .+) (?:is|amounts to) (?<sum>-?[\d.]+), not (?:to )?(?<said>-?[\d.]+)\.$/;

/** In the reader's language where the catalogue knows the rule, with its code and what it is about. */
function Told({ finding, invoice }: { finding: IncomingFinding; invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const { code, term, message } = finding;
  const figures = SUM.exec(message)?.groups;
  const money = (amount: string | undefined) => formatMoney(amount ?? '0', invoice.currency);
  const text = figures
    ? t(`purchases.sum.${code as 'C-LINE-NET'}`, { line: figures.line ?? '', sum: money(figures.sum), said: money(figures.said), defaultValue: message })
    : t([`purchases.rule.${code as 'C-BUYER'}`, `einvoice.rule.${code}`], { buyer: invoice.buyer.name, defaultValue: message });
  return (
    <span>
      {text} <span className={`${invoices.code} mono`} title={message}>{code}{term !== '' && ` · ${term}`}</span>
    </span>
  );
}
