import { Select } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useEntity, useMay, useWho } from '@/app/session';
import { usePatchSearch } from '@/lib/patch-search';
import { Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { IntercompanyTerms } from './IntercompanyTerms';
import { MailAtIssue } from './MailAtIssue';
import { Numbers } from './Numbers';
import { ReminderRules } from './ReminderRules';

const route = getRouteApi('/_app/settings');

/** How an entity numbers its documents, mails them and asks for their payment, and on which terms entities invoice each other. */
export function BillingSettings() {
  const { t } = useTranslation();
  const { entities } = useWho();
  const { entity } = route.useSearch();
  const patch = usePatchSearch<{ entity: string }>();
  const inScope = useEntity();
  const may = useMay();
  // What is changed is that of the entity in scope; where all are, any can be looked at.
  const code = inScope ?? entities.find((one) => one.code === entity)?.code ?? entities[0]?.code ?? '';
  const mails = api.useQuery('get', '/api/settings/document-mails', {});
  const reminders = api.useQuery('get', '/api/settings/reminders', {});
  const numbering = api.useQuery('get', '/api/billing/numbering', { params: { query: { entity: code } } }, { enabled: may('billing.view') });
  const terms = api.useQuery('get', '/api/intercompany/terms', {}, { enabled: may('intercompany.view') });
  return (
    <Stack>
      {inScope === undefined && <Select label={t('billingSettings.entity')} data={entities.map((one) => ({ value: one.code, label: `${one.code} · ${one.name}` }))} value={code} allowDeselect={false} onChange={(value) => patch({ entity: value ?? undefined })} />}
      <Loaded query={mails}>{(stored) => <MailAtIssue key={`${code} ${stored.version}`} code={code} stored={stored} />}</Loaded>
      <Loaded query={reminders} height={320}>{(stored) => <ReminderRules key={`${code} ${stored.version}`} code={code} stored={stored} />}</Loaded>
      {may('billing.view') && <Loaded query={numbering} height={420}>{(stored) => <Numbers key={stored.entity} stored={stored} />}</Loaded>}
      {may('intercompany.view') && <Loaded query={terms}>{(stored) => <IntercompanyTerms key={stored.version} stored={stored} />}</Loaded>}
    </Stack>
  );
}
