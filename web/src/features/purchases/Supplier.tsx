import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { PartySelect } from '@/features/ledger/PartySelect';
import { Panel, Pill } from '@/ui/layout';
import css from './purchases.module.css';
import { ofNow } from './queries';

/** Who the seller is among those that are known, each with why; another one; or a new one from what the invoice says. */
export function Supplier({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const link = useLink(() => setChanging(false));
  const change = <Button variant="subtle" size="compact-sm" onClick={() => setChanging(true)}>{t('purchases.otherSupplier')}</Button>;
  if (invoice.party_id && !changing) {
    return (
      <Panel title={t('purchases.supplier')} actions={change}>
        <Link to="/parties/$partyId" params={{ partyId: invoice.party_id }}>{invoice.party_name}</Link>
      </Panel>
    );
  }
  return (
    <Panel title={t('purchases.whoIs', { seller: invoice.seller.name })}>
      {invoice.proposals.length > 0 && (
        <ul className={css.proposals}>
          {invoice.proposals.map((one, at) => (
            <li key={one.party_id}>
              <span className={css.name}><Link to="/parties/$partyId" params={{ partyId: one.party_id }}><strong>{one.name}</strong></Link> <span className="muted">{one.code}</span></span>
              <Pill tone={one.because === 'name' ? 'neutral' : 'good'}>{t(`purchases.because.${one.because}`)}</Pill>
              <Button variant={at === 0 ? 'filled' : 'default'} {...link.off} loading={link.busy === one.party_id} onClick={() => link.to(invoice.id, one.party_id)}>{t('purchases.link')}</Button>
            </li>
          ))}
        </ul>
      )}
      <Other invoice={invoice} link={link} />
    </Panel>
  );
}

function Other({ invoice, link }: { invoice: IncomingInvoiceDetail; link: Link }) {
  const { t } = useTranslation();
  const [party, setParty] = useState<string>();
  const known = invoice.proposals.length > 0;
  return (
    <div className={css.other}>
      <PartySelect entity={invoice.entity} label={t(known ? 'purchases.another' : 'purchases.known')} placeholder={t('parties.pick')} value={party} onChange={setParty} />
      {party !== undefined && <Button variant="default" {...link.off} loading={link.busy === party} onClick={() => link.to(invoice.id, party)}>{t('purchases.link')}</Button>}
      <Button variant={known ? 'default' : 'filled'} leftSection={<IconPlus size={14} aria-hidden />} {...link.off} loading={link.busy === 'new'} onClick={() => link.to(invoice.id, undefined)}>{t('purchases.create')}</Button>
    </div>
  );
}

type Link = ReturnType<typeof useLink>;

/** Says who the supplier is; without a party it is created from what the invoice says. */
function useLink(onDone: () => void) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const outcome = useOutcome({ done: t('purchases.linked') });
  const set = api.useMutation('post', '/api/incoming-invoices/{id}/supplier', {
    ...outcome,
    onSuccess: async () => {
      onDone();
      await outcome.onSuccess();
    },
  });
  return {
    off: { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') },
    busy: set.isPending ? (set.variables.body.party_id ?? 'new') : undefined,
    to: (id: string, party: string | undefined) => set.mutate({ ...ofNow(id), body: party === undefined ? { create: true } : { party_id: party, create: false } }),
  };
}
