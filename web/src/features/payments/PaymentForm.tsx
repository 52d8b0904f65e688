import { Select, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentView, PayMethod } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useEntity } from '@/app/session';
import { useOpenClaims } from '@/features/invoices/queries';
import { usePayMethods } from '@/features/invoices/status';
import { PartyPicker } from '@/features/parties/PartyPicker';
import { language } from '@/i18n';
import { today } from '@/lib/day';
import { isNegative, readAmount, toDecimal, typedMoney } from '@/lib/decimal';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';
import { propose, restOf, sent, type Shares } from './allocation';
import { ShareTable, typedShares } from './ShareTable';

/** Records a payment. What it settles is proposed, the oldest due first or the document it is recorded from; how it was paid is asked. */
export function PaymentForm({ document, party, onClose }: { document?: DocumentView; party?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const entity = useEntity();
  const methods = usePayMethods();
  const isPurchase = document?.direction === 'purchase';
  const { form, restored, drop, giveUp } = useDraft(`payment-${document?.id ?? party ?? 'new'}`, {
    initialValues: {
      party_id: document?.party_id ?? party ?? '',
      amount: document ? typedMoney(document.balance, language()) : '',
      received_on: today(),
      method: '',
      reference: '',
      note: '',
      shares: {} as Shares,
      byHand: false,
    },
    validate: {
      party_id: (id) => (id === '' ? t('common.required') : null),
      amount: (typed) => (readAmount(typed) === undefined ? t('field.amount') : null),
      method: (method) => (method === '' ? t('common.required') : null),
    },
  });
  const { party_id, amount, shares, byHand } = form.values;
  const open = useOpenClaims(party_id, isPurchase ? 'purchase' : 'sale');
  const currency = document?.currency ?? open?.[0]?.currency ?? 'EUR';
  const claims = (open ?? []).filter((claim) => claim.currency === currency && (entity === undefined || claim.entity === entity));
  const ordered = document ? [...claims.filter(({ id }) => id === document.id), ...claims.filter(({ id }) => id !== document.id)] : claims;
  const proposed = typedShares(propose(amount, ordered));
  const inForce = byHand ? shares : proposed;
  const outcome = useOutcome({ done: t('payments.recorded'), quiet: true });
  const record = api.useMutation('post', '/api/payments', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      drop();
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit((values) => {
    if (isNegative(restOf(amount, inForce) ?? '0')) return;
    record.mutate({
      body: {
        ...(entity !== undefined && { entity }),
        party_id: values.party_id,
        amount: toDecimal(values.amount),
        currency,
        direction: isPurchase ? 'out' : 'in',
        method: values.method as PayMethod,
        received_on: values.received_on === '' ? null : values.received_on,
        reference: values.reference,
        note: values.note,
        allocations: sent(inForce),
      },
    });
  });
  return (
    <FormDrawer title={t(isPurchase ? 'payments.recordOut' : 'payments.record')} onClose={onClose} onSubmit={submit} saving={record.isPending} error={record.error} restored={restored} onGiveUp={giveUp} submitLabel={t('payments.save')}>
      {document ? <Text size="sm"><span className="muted">{t(isPurchase ? 'purchases.supplier' : 'invoices.customer')}</span><br /><strong>{document.party_name}</strong></Text> : <PartyPicker label={t('invoices.customer')} required {...form.getInputProps('party_id')} onChange={(id) => form.setValues({ party_id: id, shares: {}, byHand: false })} />}
      <TextInput label={t('payments.amount')} required inputMode="decimal" data-autofocus rightSection={<span className="muted">{currency}</span>} rightSectionWidth={44} {...form.getInputProps('amount')} />
      <Select label={t('payments.methodLabel')} required data={methods} placeholder={t('payments.methodAsk')} {...form.getInputProps('method')} />
      <TextInput type="date" label={t('payments.on')} required max={today()} {...form.getInputProps('received_on')} />
      <TextInput label={t('payments.reference')} description={t('payments.referenceAbout')} {...form.getInputProps('reference')} />
      {party_id !== '' && open && (
        <ShareTable
          claims={ordered}
          shares={inForce}
          total={amount}
          currency={currency}
          restIsCredit
          onChange={(next) => form.setValues({ shares: next, byHand: true })}
          onPropose={() => form.setValues({ shares: {}, byHand: false })}
        />
      )}
      {form.errors.allocations}
      <TextInput label={t('payments.note')} {...form.getInputProps('note')} />
    </FormDrawer>
  );
}
