import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The first and the last day of what is shown; either may be left open. */
export function Period({ label, from, to, onChange }: { label: string; from: string | undefined; to: string | undefined; onChange: (patch: { from?: string | undefined; to?: string | undefined }) => void }) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={label} style={{ display: 'flex', gap: '0.375rem', alignItems: 'center' }}>
      <TextInput type="date" aria-label={t('invoices.from')} value={from ?? ''} max={to} onChange={(event) => onChange({ from: event.currentTarget.value || undefined })} />
      <span className="muted" aria-hidden>–</span>
      <TextInput type="date" aria-label={t('invoices.until')} value={to ?? ''} min={from} onChange={(event) => onChange({ to: event.currentTarget.value || undefined })} />
    </div>
  );
}
