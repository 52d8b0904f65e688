import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useMay } from '@/app/session';
import { AccountSelect } from '@/features/ledger/AccountSelect';
import { today } from '@/lib/day';
import { toDecimal } from '@/lib/decimal';
import { formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';
import { FormDrawer } from '@/ui/FormDrawer';
import { Posted } from './Posted';
import css from './purchases.module.css';
import { useClosing, useOpenedAt } from './queries';
import { isCredit } from './status';

/** Enters an approved invoice in the books: on which day, on which accounts; what will be posted is shown before it is. */
export function BookForm({ invoice, onClose }: { invoice: IncomingInvoiceDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const asOpened = useOpenedAt(invoice.id);
  const { form, restored, drop, giveUp } = useDraft(`book-${invoice.id}`, {
    initialValues: { booked_on: invoice.issue_on, due_on: invoice.due_on ?? '', account: '', lines: {} as Record<string, string>, self_assessed_rate: '' },
  });
  const { account, lines, self_assessed_rate: rate } = form.values;
  const [single, setSingle] = useState(Object.keys(lines).length > 0);
  const isOwed = invoice.vat_breakdown.some(({ category }) => category === 'AE' || category === 'K');
  const closing = useClosing(t('purchases.book.done'), onClose);
  const book = api.useMutation('post', '/api/incoming-invoices/{id}/booking', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      drop();
      await closing.onSuccess();
    },
  });
  const submit = form.onSubmit((values) =>
    book.mutate({
      ...asOpened,
      body: {
        booked_on: values.booked_on === '' ? null : values.booked_on,
        due_on: values.due_on === '' ? null : values.due_on,
        account: values.account === '' ? null : values.account,
        lines: Object.entries(values.lines).map(([line, code]) => ({ line, account: code })),
        self_assessed_rate: values.self_assessed_rate.trim() === '' ? null : toDecimal(values.self_assessed_rate),
      },
    }),
  );
  const accountOf = (line: string, code: string | undefined) => {
    const { [line]: _, ...others } = lines;
    form.setFieldValue('lines', code === undefined ? others : { ...others, [line]: code });
  };
  return (
    <FormDrawer title={t('purchases.book.title', { number: invoice.number })} onClose={onClose} onSubmit={submit} saving={book.isPending} error={book.error} restored={restored} onGiveUp={giveUp} submitLabel={t('purchases.book.label')}>
      <TextInput type="date" label={t('purchases.book.on')} description={t('purchases.book.onAbout')} min={invoice.issue_on} max={today()} data-autofocus {...form.getInputProps('booked_on')} />
      {!isCredit(invoice) && <TextInput type="date" label={t('invoices.dueOn')} min={invoice.issue_on} {...form.getInputProps('due_on')} />}
      {may('ledger.view') && (
        <>
          <AccountSelect entity={invoice.entity} label={t('purchases.book.account')} placeholder={t('purchases.book.usual')} description={t('purchases.book.accountAbout')} value={account === '' ? undefined : account} error={form.errors.account} onChange={(code) => form.setFieldValue('account', code ?? '')} />
          {single ? (
            <div className={css.single} role="group" aria-label={t('purchases.book.lines')}>
              {invoice.lines.map((line) => (
                <div key={`${line.id} ${line.name}`}>
                  <span>{line.name}<span className="muted"> · {formatMoney(line.net, invoice.currency)}</span></span>
                  <AccountSelect entity={invoice.entity} aria-label={t('purchases.book.accountOf', { name: line.name })} placeholder={t('purchases.book.asAbove')} value={lines[line.id]} onChange={(code) => accountOf(line.id, code)} />
                </div>
              ))}
              {form.errors.lines}
            </div>
          ) : invoice.lines.length > 1 && <div><Button variant="subtle" size="compact-sm" onClick={() => setSingle(true)}>{t('purchases.book.perLine')}</Button></div>}
        </>
      )}
      {isOwed && <TextInput label={t('purchases.book.rate')} description={t('purchases.book.rateAbout')} inputMode="decimal" rightSection={<span className="muted">%</span>} {...form.getInputProps('self_assessed_rate')} />}
      <Posted invoice={invoice} account={account} lines={lines} rate={rate} />
    </FormDrawer>
  );
}
