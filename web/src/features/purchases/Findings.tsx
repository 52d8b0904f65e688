import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { IncomingFinding, IncomingInvoiceDetail } from '@/api/schema';
import invoices from '@/features/invoices/invoices.module.css';
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
          {findings.map((finding) => <li key={`${finding.code} ${finding.term} ${finding.message}`}><IconAlertTriangle size={15} color="var(--warn)" aria-hidden /><Told finding={finding} buyer={invoice.buyer.name} /></li>)}
        </ul>
      )}
      {warnings.length > 0 && (
        <ul className={`${invoices.findings} ${css.findings} ${css.warnings}`} aria-label={t('purchases.warnings')}>
          {warnings.map((warning) => <li key={`${warning.code} ${warning.term} ${warning.message}`}><IconInfoCircle size={15} aria-hidden /><Told finding={warning} buyer={invoice.buyer.name} /></li>)}
        </ul>
      )}
    </Panel>
  );
}

/** In the reader's language where the catalogue knows the rule, with its code and what it is about. */
function Told({ finding, buyer }: { finding: IncomingFinding; buyer: string }) {
  const { t } = useTranslation();
  return (
    <span>
      {t(`purchases.rule.${finding.code as 'C-BUYER'}`, { buyer, defaultValue: finding.message })} <span className={`${invoices.code} mono`} title={finding.message}>{finding.code}{finding.term !== '' && ` · ${finding.term}`}</span>
    </span>
  );
}
