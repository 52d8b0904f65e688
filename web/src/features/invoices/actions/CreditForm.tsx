import { Checkbox, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail, DocumentLineView, WriteLine } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { language } from '@/i18n';
import { toDecimal, typedDecimal } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';

/** A line as it is sent back: what is taken back of it bears the same price and VAT. */
function partOf(line: DocumentLineView, quantity: string): WriteLine {
  const { kind, item, name, description, unit_code, unit_price, discount_pct, vat, revenue_role, supply_from, supply_to } = line;
  return { kind, name, description, unit_code, unit_price, discount_pct, vat, revenue_role, supply_from, supply_to, quantity: toDecimal(quantity), ...(item !== '' && { item }) };
}

/** Takes back an invoice: all of it, or chosen lines with chosen quantities. Leads on to the draft of the credit note. */
export function CreditForm({ document, onClose }: { document: DocumentDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const outcome = useOutcome({ done: t('invoices.credit.done'), quiet: true });
  const form = useForm({
    initialValues: { reason: '', part: 'all', lines: document.lines.map((line) => ({ taken: false, quantity: typedDecimal(line.quantity, language()) })) },
    validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) },
  });
  // The service counts the lines that were sent.
  const placeOf = (field: string) => {
    const [list, at] = field.split('.');
    const places = form.getValues().lines.flatMap(({ taken }, place) => (taken ? [place] : []));
    return list === 'lines' && at !== undefined ? `lines.${places[Number(at)] ?? 0}.quantity` : list === 'lines' ? 'part' : field;
  };
  const credit = api.useMutation('post', '/api/documents/{id}/credit-notes', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message), placeOf),
    onSuccess: async ({ id }) => {
      onClose();
      await navigate({ to: '/invoices/$documentId', params: { documentId: id } });
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ reason, part, lines }) => {
    const taken = document.lines.flatMap((line, at) => (lines[at]?.taken ? [partOf(line, lines[at].quantity)] : []));
    if (part === 'part' && taken.length === 0) return form.setFieldError('part', t('invoices.credit.noLine'));
    credit.mutate({ params: { path: { id: document.id } }, body: { reason, ...(part === 'part' && { lines: taken }) } });
  });
  return (
    <FormDrawer title={t('invoices.credit.title', { number: document.number })} onClose={onClose} onSubmit={submit} saving={credit.isPending} error={credit.error} submitLabel={t('invoices.credit.write')}>
      <Text size="sm" c="dimmed">{t('invoices.credit.about')}</Text>
      <TextInput label={t('invoices.credit.reason')} description={t('invoices.credit.reasonAbout')} required data-autofocus {...form.getInputProps('reason')} />
      <SegmentedControl aria-label={t('invoices.credit.part')} data={[{ value: 'all', label: t('invoices.credit.all') }, { value: 'part', label: t('invoices.credit.some') }]} {...form.getInputProps('part')} />
      {form.errors.part && <div style={{ color: 'var(--bad)' }} role="alert">{form.errors.part}</div>}
      {form.values.part === 'part' && (
        <table className="plain">
          <tbody>
            {document.lines.map((line, at) => (
              <tr key={line.id}>
                <td><Checkbox label={line.name} {...form.getInputProps(`lines.${at}.taken`, { type: 'checkbox' })} /></td>
                <td style={{ width: '6rem' }}><TextInput inputMode="decimal" aria-label={t('invoices.credit.quantityOf', { name: line.name })} disabled={!form.values.lines[at]?.taken} {...form.getInputProps(`lines.${at}.quantity`)} /></td>
                <td className="end">{formatMoney(line.unit_price, document.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </FormDrawer>
  );
}
