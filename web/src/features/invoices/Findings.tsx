import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DocumentCheck } from '@/api/schema';
import type { LegalField } from '@/features/settings/legal-values';
import css from './invoices.module.css';

/**
 * What keeps a draft from being issued, each with the way to where it is mended. The rules of e-invoices repeat in their own words
 * what is missing: they are told once that is there.
 */
export function Findings({ check, entity, party }: { check: DocumentCheck; entity: string; party: string }) {
  const { t } = useTranslation();
  const missing = check.mentions.flatMap((mention) => mention.missing);
  if (missing.length === 0 && check.findings.length === 0) {
    return <ul className={css.findings}><li><IconCheck size={15} color="var(--good)" aria-hidden />{t('invoices.check.fine')}</li></ul>;
  }
  return (
    <ul className={css.findings}>
      {missing.map((path) => <li key={path}><IconAlertTriangle size={15} color="var(--warn)" aria-hidden /><Missing path={path} entity={entity} party={party} /></li>)}
      {missing.length === 0 && check.findings.map((finding) => <li key={finding.code + finding.message}><IconAlertTriangle size={15} color="var(--warn)" aria-hidden /><span title={finding.message}><span className="mono">{finding.code}</span> {t(`einvoice.rule.${finding.code}`, { defaultValue: finding.message })}</span></li>)}
    </ul>
  );
}

function Missing({ path, entity, party }: { path: string; entity: string; party: string }) {
  const { t } = useTranslation();
  const [side, ...rest] = path.split('.');
  const field = rest.at(-1) ?? '';
  if (side === 'seller') {
    const name = t(`legal.field.${field as LegalField}`, { defaultValue: field });
    return <Link to="/settings" search={{ tab: 'legal', entity }}>{t('invoices.check.seller', { field: name })}</Link>;
  }
  if (side === 'buyer') {
    const name = t(`parties.field.${field as 'siren'}`, { defaultValue: field });
    return <Link to="/parties/$partyId" params={{ partyId: party }} search={{ edit: '1' }}>{t('invoices.check.buyer', { field: name })}</Link>;
  }
  return <span>{t(side === 'original_id' ? 'invoices.check.original' : path === 'lines' ? 'invoices.check.lines' : 'invoices.check.vatReason')}</span>;
}
