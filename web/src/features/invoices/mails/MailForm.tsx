import { Select, Skeleton, TagsInput, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail, Language } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useParty } from '@/features/parties/queries';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';
import { Side } from '@/ui/overlays';
import { useDocumentName } from '../status';

const SEPARATORS = [',', ';', ' '];

/** One address each, also of what was typed as several and left so. */
function single(addresses: readonly string[]): string[] {
  return addresses.flatMap((typed) => typed.split(/[,;\s]+/)).filter((address) => address !== '');
}

/** Whom the service writes to unless told otherwise: the contact for invoices, else who it was issued to, else the customer. */
function useAddress(document: DocumentDetail): string | null | undefined {
  const party = useParty(document.party_id);
  const contacts = api.useQuery('get', '/api/parties/{id}/contacts', { params: { path: { id: document.party_id }, query: { limit: 100 } } });
  if (!contacts.data || !party.data) return contacts.isError || party.isError ? null : undefined;
  const asked = contacts.data.items.find(({ kind, is_default: usual, email }) => kind === 'billing' && usual && email);
  const issuedTo = (document.buyer as { email?: string } | null | undefined)?.email;
  return asked?.email ?? issuedTo ?? party.data.email ?? null;
}

/** Sends a document to whom it concerns, its page attached. */
export function MailForm({ document, onClose }: { document: DocumentDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  const address = useAddress(document);
  if (address === undefined) return <Side onClose={onClose} title={t('mails.title', { document: nameOf(document) })}><Skeleton h={320} radius="md" /></Side>;
  return <Letter document={document} address={address} onClose={onClose} />;
}

function Letter({ document, address, onClose }: { document: DocumentDetail; address: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const nameOf = useDocumentName();
  const outcome = useOutcome({ done: t('mails.queued'), quiet: true });
  const form = useForm({
    initialValues: { to: address === null ? [] : [address], cc: [] as string[], language: '', message: '' },
    validate: { to: (addresses) => (addresses.length === 0 ? t('common.required') : null) },
  });
  const send = api.useMutation('post', '/api/documents/{id}/mails', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message), (field) => field.split(/[.[]/)[0] ?? field),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ to, cc, language, message }) => send.mutate({ params: { path: { id: document.id } }, body: { to: single(to), cc: single(cc), language: language === '' ? null : (language as Language), message } }));
  const languages = { fr: t('legal.fr'), en: t('legal.en') };
  return (
    <FormDrawer title={t('mails.title', { document: nameOf(document) })} onClose={onClose} onSubmit={submit} saving={send.isPending} error={Object.keys(form.errors).length > 0 ? undefined : send.error} submitLabel={t('mails.send')}>
      <Text size="sm" c="dimmed">{t('mails.about', { entity: document.entity })}</Text>
      <TagsInput label={t('mails.to')} description={address === null ? t('mails.noAddress') : t('mails.toAbout')} required data-autofocus splitChars={SEPARATORS} maxTags={20} acceptValueOnBlur {...form.getInputProps('to')} />
      <TagsInput label={t('mails.cc')} splitChars={SEPARATORS} maxTags={20} acceptValueOnBlur {...form.getInputProps('cc')} />
      <Select
        label={t('invoices.language')}
        placeholder={t('mails.ofDocument', { language: document.language === 'en' ? languages.en : languages.fr })}
        data={[{ value: 'fr', label: languages.fr }, { value: 'en', label: languages.en }]}
        clearable
        value={form.values.language === '' ? null : form.values.language}
        onChange={(chosen) => form.setFieldValue('language', chosen ?? '')}
      />
      <Textarea label={t('mails.message')} description={t('mails.messageAbout')} autosize minRows={4} maxRows={14} maxLength={4000} {...form.getInputProps('message')} />
    </FormDrawer>
  );
}
