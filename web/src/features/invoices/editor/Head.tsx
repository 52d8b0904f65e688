import { SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { usePayMethods } from '@/features/invoices/status';
import { PartyPicker } from '@/features/parties/PartyPicker';
import { useParty } from '@/features/parties/queries';
import { Fields } from '@/ui/Fields';
import { Panel, Stack } from '@/ui/layout';
import type { EditorValues } from './model';

const KINDS = ['invoice', 'deposit_invoice', 'quote', 'pro_forma'] as const;

interface Part {
  form: UseFormReturnType<EditorValues>;
}

/** What it is, for whom, and when it is to be paid. */
export function Head({ form, isNew }: Part & { isNew: boolean }) {
  const { t } = useTranslation();
  const party = useParty(form.values.party_id).data;
  const methods = usePayMethods();
  const isNote = form.values.kind === 'credit_note';
  const offer = form.values.kind === 'quote' || form.values.kind === 'pro_forma';
  return (
    <Panel>
      <Stack>
        {isNew && <SegmentedControl aria-label={t('invoices.kindLabel')} data={KINDS.map((kind) => ({ value: kind, label: t(`invoices.kind.${kind}`) }))} style={{ justifySelf: 'start', maxWidth: '100%', overflowX: 'auto' }} {...form.getInputProps('kind')} />}
        <Fields wide>
          <PartyPicker label={t('invoices.customer')} required disabled={isNote} {...form.getInputProps('party_id')} />
          <TextInput label={t('invoices.subject')} disabled={isNote} {...form.getInputProps('subject')} />
          <TextInput label={t('invoices.purchaseOrder')} disabled={isNote} {...form.getInputProps('purchase_order')} />
        </Fields>
        {!isNote && (
          <Fields wide>
            {offer && <TextInput type="date" label={t('invoices.validUntil')} {...form.getInputProps('valid_until')} />}
            <TextInput type="date" label={t('invoices.supplyFrom')} {...form.getInputProps('supply_from')} />
            <TextInput type="date" label={t('invoices.supplyTo')} {...form.getInputProps('supply_to')} />
            <TextInput inputMode="numeric" label={t('invoices.editor.terms')} placeholder={party ? String(party.payment_terms_days) : '30'} {...form.getInputProps('payment_terms_days')} />
            <Select label={t('invoices.payMethod')} data={methods} allowDeselect={false} {...form.getInputProps('payment_method')} />
          </Fields>
        )}
      </Stack>
    </Panel>
  );
}

/** What is taken off the whole, what is printed below, and what only the house reads. */
export function Details({ form }: Part) {
  const { t } = useTranslation();
  const isNote = form.values.kind === 'credit_note';
  return (
    <Panel title={t('invoices.editor.details')}>
      <Stack>
        <Fields wide>
          <div style={{ display: 'flex', gap: '0.375rem', alignItems: 'flex-end' }}>
            <TextInput label={t('invoices.editor.discount')} inputMode="decimal" placeholder="0" style={{ flex: 1 }} {...form.getInputProps('discount')} />
            <SegmentedControl aria-label={t('invoices.editor.discountKind')} data={[{ value: 'percent', label: '%' }, { value: 'amount', label: form.values.currency || '€' }]} {...form.getInputProps('discount_kind')} />
          </div>
          <TextInput label={t('invoices.editor.discountReason')} {...form.getInputProps('discount_reason')} />
          {!isNote && <TextInput label={t('invoices.contract')} {...form.getInputProps('contract')} />}
        </Fields>
        {!isNote && (
          <Fields wide>
            <Select label={t('invoices.language')} placeholder={t('invoices.editor.ofCustomer')} data={[{ value: 'fr', label: t('legal.fr') }, { value: 'en', label: t('legal.en') }]} clearable {...form.getInputProps('language')} value={form.values.language === '' ? null : form.values.language} onChange={(chosen) => form.setFieldValue('language', chosen ?? '')} />
            <TextInput label={t('invoices.currency')} placeholder={t('invoices.editor.ofCustomer')} maxLength={3} {...form.getInputProps('currency')} />
          </Fields>
        )}
        <Fields wide>
          <Textarea label={t('invoices.notes')} description={t('invoices.editor.notesAbout')} minRows={2} {...form.getInputProps('notes')} />
          <Textarea label={t('invoices.internalNotes')} description={t('invoices.editor.internalAbout')} minRows={2} {...form.getInputProps('internal_notes')} />
        </Fields>
      </Stack>
    </Panel>
  );
}
