import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LeadView } from '@/api/schema';
import { useEntityCode } from '@/app/catalogue';
import { useOutcome } from '@/app/outcome';
import { DeliveryStatusPill, OutcomePill } from '@/features/deliveries/status';
import { formatInstant, formatPhone } from '@/lib/format';
import { Facts, Page, Panel, Pill, Split, Stack } from '@/ui/layout';
import { NoteBox } from '@/ui/NoteBox';
import { LoadedPage } from '@/ui/LoadedPage';
import { Empty } from '@/ui/states';
import { DecisionList } from './DecisionList';
import { LeadActions } from './LeadActions';
import { useLead } from './queries';
import { errorText, reasonText, returnText } from './reason';
import { LeadStatusPill } from './status';
import { WhatIf } from './WhatIf';

const route = getRouteApi('/_app/leads/$leadId');

/** One lead: who, why it stands where it stands, what was delivered, what people wrote. */
export function LeadPage() {
  const { t } = useTranslation();
  const { leadId } = route.useParams();
  const lead = useLead(leadId);
  return <LoadedPage query={lead} list={{ link: { to: '/leads' }, title: t('leads.title') }}>{(view) => <LeadScreen lead={view} />}</LoadedPage>;
}

function LeadScreen({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const name = [lead.prenom, lead.nom].filter(Boolean).join(' ') || t('leads.nameless');
  return (
    <Page
      title={<>{name}<LeadStatusPill status={lead.status} />{lead.is_lb && <Pill>{t('leads.lbShort')}</Pill>}</>}
      about={<><Link to="/leads">{t('leads.title')}</Link> · {t('leads.receivedAt', { at: formatInstant(lead.created_at, 'precise') })}</>}
      actions={<LeadActions lead={lead} />}
    >
      <Split>
        <Stack>
          <Panel title={t('leads.routing')} actions={<WhatIf lead={lead} />}><DecisionList decisions={lead.decisions} /></Panel>
          <Panel title={t('leads.deliveries')} flush><Deliveries lead={lead} /></Panel>
          <Panel title={t('common.notes')}><Notes lead={lead} /></Panel>
        </Stack>
        <Stack>
          <Panel title={t('leads.person')}><Person lead={lead} /></Panel>
          <Panel title={t('leads.origin')}><Origin lead={lead} /></Panel>
          <Panel title={t('leads.consent')}><Consent lead={lead} /></Panel>
        </Stack>
      </Split>
    </Page>
  );
}

function Notes({ lead }: { lead: LeadView }) {
  const add = api.useMutation('post', '/api/leads/{id}/notes', useOutcome());
  return (
    <NoteBox
      name={`lead-note-${lead.id}`}
      notes={lead.notes}
      mayAdd={lead.can.includes('add_note')}
      saving={add.isPending}
      onAdd={(text, saved) => add.mutate({ params: { path: { id: lead.id } }, body: { text } }, { onSuccess: saved })}
    />
  );
}

function Person({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const more = Object.entries(lead.custom_fields as Record<string, unknown>);
  return (
    <Facts
      facts={[
        [t('common.phone'), <><span className="num">{formatPhone(lead.phone)}</span> {lead.phone_quality !== 'valid' && <Pill tone="warn">{t(`leads.quality.${lead.phone_quality}`)}</Pill>}</>],
        [t('common.email'), lead.email],
        [t('common.departement'), lead.departement],
        [t('common.product'), lead.product],
        ...more.map(([field, value]) => [t(`leads.field.${field}`, { defaultValue: field }), String(value)] as const),
      ]}
    />
  );
}

function Origin({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const entity = useEntityCode();
  return (
    <Facts
      facts={[
        [t('common.entity'), lead.entity_id && entity(lead.entity_id)],
        [t('leads.owner'), lead.owner_entity_id !== lead.entity_id && lead.owner_entity_id ? entity(lead.owner_entity_id) : null],
        [t('leads.kind'), t(`leads.sourceType.${lead.lead_source_type}`)],
        [t('common.source'), lead.source],
        [t('leads.form'), lead.form_code],
        [t('leads.landingPage'), lead.lp_code],
        [t('leads.campaign'), lead.utm_campaign],
        [t('leads.holdReason'), reasonText(t, lead.hold_reason)],
        [t('leads.locked'), lead.entity_locked ? t('common.yes') : null],
      ]}
    />
  );
}

function Consent({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  if (lead.erased_at) return <p className="muted">{t('leads.erased', { at: formatInstant(lead.erased_at) })}</p>;
  if (lead.consent !== true) return <Pill tone="warn">{t(lead.consent === false ? 'leads.refused' : 'leads.notSaid')}</Pill>;
  return (
    <Facts
      facts={[
        [t('leads.consented'), lead.consent_at && formatInstant(lead.consent_at, 'precise')],
        [t('leads.textVersion'), lead.consent_text_version],
        [t('leads.fromAddress'), lead.consent_ip],
        [t('leads.newsletter'), t(lead.newsletter ? 'common.yes' : 'common.no')],
      ]}
    />
  );
}

function Deliveries({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const entity = useEntityCode();
  if (lead.deliveries.length === 0) return <Empty title={t(lead.delivery_id ? 'leads.elsewhere' : 'leads.noDelivery')} />;
  return (
    <table className="plain">
      <thead><tr><th>{t('common.buyer')}</th><th>{t('common.status')}</th><th>{t('common.entity')}</th><th>{t('leads.sentAt')}</th><th>{t('common.reason')}</th></tr></thead>
      <tbody>
        {lead.deliveries.map((delivery) => (
          <tr key={delivery.id}>
            <td><Link to="/deliveries/$deliveryId" params={{ deliveryId: delivery.id }}>{delivery.buyer_name}</Link></td>
            <td><DeliveryStatusPill status={delivery.status} /> {delivery.outcome && delivery.outcome !== 'accepted' && <OutcomePill outcome={delivery.outcome} />}</td>
            <td>{entity(delivery.entity_id)}</td>
            <td className="num">{delivery.last_sent_at && formatInstant(delivery.last_sent_at)}</td>
            <td>{returnText(t, delivery) ?? errorText(t, delivery.last_error)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
