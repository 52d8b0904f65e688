import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useEntity, useMay } from '@/app/session';

/** Begins to write a document, for who may, in one entity. */
export function NewDocument({ kind, party }: { kind: 'invoice' | 'quote'; party?: string }) {
  const { t } = useTranslation();
  const entity = useEntity();
  const may = useMay();
  if (!may('billing.manage')) return null;
  const label = t(kind === 'quote' ? 'invoices.newQuote' : 'invoices.new');
  const icon = <IconPlus size={14} aria-hidden />;
  if (entity === undefined) return <Button leftSection={icon} disabled title={t('common.oneEntity')}>{label}</Button>;
  return <Button leftSection={icon} renderRoot={(props) => <Link to="/invoices/new" search={{ ...(kind === 'quote' && { kind }), ...(party !== undefined && { customer: party }) }} {...props} />}>{label}</Button>;
}
