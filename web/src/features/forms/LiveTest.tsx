import { Button, Group, Input, Loader } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LeadRow } from '@/api/schema';
import { useWho } from '@/app/session';
import { LeadStatusPill } from '@/features/leads/status';
import { formatPhone } from '@/lib/format';

/** The clocks of the browser and of the service may differ a little. */
const CLOCK_MS = 2000;

/** Opens a page with the real script and shows what arrives here, as it arrives. */
export function LiveTest({ code }: { code: string }) {
  const { t } = useTranslation();
  const { tenant } = useWho();
  const [since, setSince] = useState<string>();
  const leads = api.useQuery('get', '/api/leads', { params: { query: { entity: 'ALL', limit: 20 } } }, { enabled: since !== undefined });
  const arrived = (leads.data?.items ?? []).filter((lead: LeadRow) => since !== undefined && lead.created_at >= since);
  const open = () => {
    setSince(new Date(Date.now() - CLOCK_MS).toISOString());
    window.open(`/demo/form?${new URLSearchParams({ form: code, tenant: tenant.slug })}`, '_blank', 'noopener');
  };
  return (
    <Input.Wrapper label={t('forms.test')} description={t('forms.testAbout')} labelElement="div">
      <Group mt={6}>
        <Button variant="default" rightSection={<IconExternalLink size={14} />} onClick={open}>{t('forms.testOpen')}</Button>
        {since !== undefined && arrived.length === 0 && <Group gap="xs"><Loader size="xs" /><span className="muted" role="status">{t('forms.testWaiting')}</span></Group>}
      </Group>
      <div aria-live="polite" style={{ display: 'grid', gap: 6, marginTop: 8 }}>
        {arrived.map((lead) => (
          <Group key={lead.id} gap="xs">
            <LeadStatusPill status={lead.status} />
            <Link to="/leads/$leadId" params={{ leadId: lead.id }}>{[lead.prenom, lead.nom].filter(Boolean).join(' ') || formatPhone(lead.phone)}</Link>
          </Group>
        ))}
      </div>
    </Input.Wrapper>
  );
}
