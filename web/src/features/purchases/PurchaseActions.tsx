import { Button } from '@mantine/core';
import { IconBook2, IconCash, IconCheck } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { IncomingInvoiceDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { useDocument } from '@/features/invoices/queries';
import { formatMoney } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { ofNow } from './queries';
import { RefuseDialog } from './RefuseDialog';

const BookForm = lazy(async () => ({ default: (await import('./BookForm')).BookForm }));
const PaymentForm = lazy(async () => ({ default: (await import('@/features/payments/PaymentForm')).PaymentForm }));

/** What can be done with a supplier's invoice as it stands. */
export function PurchaseActions({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [opened, setOpened] = useState<'refuse' | 'book'>();
  const { can } = invoice;
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  const close = () => setOpened(undefined);
  return (
    <>
      {can.includes('refuse') && <Button variant="default" {...off} c="var(--bad)" onClick={() => setOpened('refuse')}>{t('purchases.refuse.label')}</Button>}
      {can.includes('reopen') && <Reopen id={invoice.id} />}
      {can.includes('approve') && <Approve invoice={invoice} />}
      {can.includes('book') && <Button leftSection={<IconBook2 size={14} aria-hidden />} {...off} onClick={() => setOpened('book')}>{t('purchases.book.label')}</Button>}
      {invoice.document_id && <Pay document={invoice.document_id} />}
      {opened === 'refuse' && <RefuseDialog invoice={invoice} onClose={close} />}
      {opened === 'book' && <Suspense><BookForm invoice={invoice} onClose={close} /></Suspense>}
    </>
  );
}

/** One click where nothing is odd; else what is odd is said once more. */
function Approve({ invoice }: { invoice: IncomingInvoiceDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const approve = api.useMutation('post', '/api/incoming-invoices/{id}/approval', useOutcome({ done: t('purchases.approve.done') }));
  const act = () => approve.mutate(ofNow(invoice.id));
  const icon = <IconCheck size={14} aria-hidden />;
  const count = invoice.findings.length;
  if (count === 0) return <Button leftSection={icon} disabled={!oneEntity} loading={approve.isPending} onClick={act}>{t('purchases.approve.label')}</Button>;
  return (
    <ConfirmButton primary icon={icon} label={t('purchases.approve.label')} title={t('purchases.approve.title')} disabled={!oneEntity} loading={approve.isPending} onConfirm={act}>
      <p>{t('purchases.approve.amount', { amount: formatMoney(invoice.gross, invoice.currency), supplier: invoice.party_name ?? invoice.seller_name })}</p>
      <p>{t('purchases.approve.odd', { count })}</p>
    </ConfirmButton>
  );
}

function Reopen({ id }: { id: string }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const reopen = api.useMutation('post', '/api/incoming-invoices/{id}/reopening', useOutcome({ done: t('purchases.reopened') }));
  return <Button variant="default" disabled={!oneEntity} loading={reopen.isPending} onClick={() => reopen.mutate(ofNow(id))}>{t('purchases.reopen')}</Button>;
}

/** Pays what is left in the books. */
function Pay({ document }: { document: string }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [paying, setPaying] = useState(false);
  const booked = useDocument(document).data;
  if (!booked?.can.includes('pay')) return null;
  return (
    <>
      <Button leftSection={<IconCash size={14} aria-hidden />} disabled={!oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} onClick={() => setPaying(true)}>{t('payments.recordOut')}</Button>
      {paying && <Suspense><PaymentForm document={booked} onClose={() => setPaying(false)} /></Suspense>}
    </>
  );
}
