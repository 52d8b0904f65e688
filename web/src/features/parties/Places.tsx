import { Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AddressKind, ContactKind, PartyView } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { formatPhone } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel, Pill } from '@/ui/layout';

const ADDRESS_KINDS = ['delivery', 'site', 'other'] as const satisfies readonly AddressKind[];
const CONTACT_KINDS = ['general', 'billing', 'technical', 'other'] as const satisfies readonly ContactKind[];

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={onClick}>{label}</Button>;
}

/** Whom to ask for, besides the main contact. */
export function Contacts({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const mayAdd = useOneEntity() && party.can.includes('edit');
  const contacts = api.useQuery('get', '/api/parties/{id}/contacts', { params: { path: { id: party.id }, query: { limit: 100 } } });
  const items = contacts.data?.items ?? [];
  if (items.length === 0 && !mayAdd) return null;
  return (
    <Panel title={t('parties.contacts')} flush actions={mayAdd && <Add label={t('common.add')} onClick={() => setAdding(true)} />}>
      {items.length === 0 ? <p className="muted" style={{ margin: 0, padding: '0.875rem 1rem', fontSize: 'var(--mantine-font-size-sm)' }}>{t('parties.noContact')}</p> : (
        <table className="plain">
          <tbody>
            {items.map((contact) => (
              <tr key={contact.id}>
                <td>{contact.name} <span className="muted">{contact.job_title}</span></td>
                <td>{t(`parties.contactKind.${contact.kind}`)} {contact.is_default && <Pill>{t('parties.usual')}</Pill>}</td>
                <td>{contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>}</td>
                <td className="end">{formatPhone(contact.phone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {adding && <ContactForm party={party.id} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function useSaving(close: () => void) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  return async () => {
    close();
    await outcome.onSuccess();
  };
}

function ContactForm({ party, onClose }: { party: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { form, restored, drop, giveUp } = useDraft(`contact-of-${party}`, { initialValues: { kind: 'billing', name: '', job_title: '', email: '', phone: '', is_default: false }, validate: { name: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const saved = useSaving(() => {
    drop();
    onClose();
  });
  const add = api.useMutation('post', '/api/parties/{id}/contacts', { onSuccess: saved, onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)) });
  const submit = form.onSubmit((values) => add.mutate({ params: { path: { id: party } }, body: { ...values, kind: values.kind as ContactKind, email: values.email.trim() || null } }));
  return (
    <FormDrawer title={t('parties.newContact')} onClose={onClose} onSubmit={submit} saving={add.isPending} error={add.error} restored={restored} onGiveUp={giveUp}>
      <Select label={t('parties.kind')} data={CONTACT_KINDS.map((value) => ({ value, label: t(`parties.contactKind.${value}`) }))} allowDeselect={false} {...form.getInputProps('kind')} />
      <TextInput label={t('common.name')} required data-autofocus {...form.getInputProps('name')} />
      <TextInput label={t('parties.jobTitle')} {...form.getInputProps('job_title')} />
      <TextInput type="email" label={t('common.email')} {...form.getInputProps('email')} />
      <TextInput type="tel" label={t('common.phone')} {...form.getInputProps('phone')} />
      <Switch label={t('parties.usual')} {...form.getInputProps('is_default', { type: 'checkbox' })} />
    </FormDrawer>
  );
}

/** Where it is, besides its billing address. */
export function Addresses({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const mayAdd = useOneEntity() && party.can.includes('edit');
  const addresses = api.useQuery('get', '/api/parties/{id}/addresses', { params: { path: { id: party.id }, query: { limit: 100 } } });
  const items = addresses.data?.items ?? [];
  if (items.length === 0 && !mayAdd) return null;
  return (
    <Panel title={t('parties.addresses')} flush actions={mayAdd && <Add label={t('common.add')} onClick={() => setAdding(true)} />}>
      {items.length === 0 ? <p className="muted" style={{ margin: 0, padding: '0.875rem 1rem', fontSize: 'var(--mantine-font-size-sm)' }}>{t('parties.noAddress')}</p> : (
        <table className="plain">
          <tbody>
            {items.map((address) => (
              <tr key={address.id}>
                <td>{address.label || t(`parties.addressKind.${address.kind}`)}</td>
                <td>{t(`parties.addressKind.${address.kind}`)} {address.is_default && <Pill>{t('parties.usual')}</Pill>}</td>
                <td>{[address.line1, address.line2, `${address.postal_code} ${address.city}`.trim(), address.country].filter((line) => line !== '').join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {adding && <AddressForm party={party.id} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function AddressForm({ party, onClose }: { party: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { form, restored, drop, giveUp } = useDraft(`address-of-${party}`, { initialValues: { kind: 'site', label: '', line1: '', line2: '', postal_code: '', city: '', country: 'FR', is_default: false } });
  const saved = useSaving(() => {
    drop();
    onClose();
  });
  const add = api.useMutation('post', '/api/parties/{id}/addresses', { onSuccess: saved, onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)) });
  const submit = form.onSubmit((values) => add.mutate({ params: { path: { id: party } }, body: { ...values, kind: values.kind as AddressKind } }));
  return (
    <FormDrawer title={t('parties.newAddress')} onClose={onClose} onSubmit={submit} saving={add.isPending} error={add.error} restored={restored} onGiveUp={giveUp}>
      <Select label={t('parties.kind')} data={ADDRESS_KINDS.map((value) => ({ value, label: t(`parties.addressKind.${value}`) }))} allowDeselect={false} {...form.getInputProps('kind')} />
      <TextInput label={t('parties.label')} data-autofocus {...form.getInputProps('label')} />
      <TextInput label={t('parties.field.address_line1')} required {...form.getInputProps('line1')} />
      <TextInput label={t('parties.field.address_line2')} {...form.getInputProps('line2')} />
      <Group grow>
        <TextInput label={t('parties.field.postal_code')} {...form.getInputProps('postal_code')} />
        <TextInput label={t('parties.field.city')} required {...form.getInputProps('city')} />
      </Group>
      <TextInput label={t('parties.field.country')} maxLength={2} {...form.getInputProps('country')} />
      <Switch label={t('parties.usual')} {...form.getInputProps('is_default', { type: 'checkbox' })} />
    </FormDrawer>
  );
}
