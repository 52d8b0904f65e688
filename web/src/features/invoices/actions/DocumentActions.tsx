import { Button } from '@mantine/core';
import { IconCash, IconCopy, IconFileMinus, IconMail, IconPencil, IconSend } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { PaymentForm } from '@/features/payments/PaymentForm';
import { RefundForm } from '@/features/payments/RefundForm';
import { UseCreditForm } from '@/features/payments/UseCreditForm';
import { formatMoney } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { isMailable } from '../status';
import { AnswerDialog } from './AnswerDialog';
import { CreditForm } from './CreditForm';

const MailForm = lazy(async () => ({ default: (await import('../mails/MailForm')).MailForm }));

type Opened = 'mail' | 'pay' | 'credit' | 'use' | 'refund' | 'accept' | 'refuse';

/** What can be done with a document as it stands. */
export function DocumentActions({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const may = useMay();
  const [opened, setOpened] = useState<Opened>();
  const { can } = document;
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  const close = () => setOpened(undefined);
  const path = { path: { id: document.id } };
  return (
    <>
      {can.includes('delete') && document.direction === 'sale' && <Delete document={document} />}
      {may('billing.manage') && document.kind !== 'credit_note' && document.direction === 'sale' && <Copy document={document} />}
      {isMailable(document) && may('billing.manage') && <Button variant="default" leftSection={<IconMail size={14} aria-hidden />} {...off} onClick={() => setOpened('mail')}>{t('mails.send')}</Button>}
      {can.includes('credit') && <Button variant="default" leftSection={<IconFileMinus size={14} aria-hidden />} {...off} onClick={() => setOpened('credit')}>{t('invoices.credit.label')}</Button>}
      {can.includes('refund') && <Button variant="default" {...off} onClick={() => setOpened('refund')}>{t('payments.refund')}</Button>}
      {can.includes('refund') && <Button {...off} onClick={() => setOpened('use')}>{t('payments.use')}</Button>}
      {can.includes('answer') && <Button variant="default" {...off} onClick={() => setOpened('refuse')}>{t('invoices.answer.refused')}</Button>}
      {can.includes('answer') && <Button {...off} onClick={() => setOpened('accept')}>{t('invoices.answer.accepted')}</Button>}
      {can.includes('convert') && <Convert document={document} />}
      {can.includes('edit') && <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} {...off} renderRoot={oneEntity ? (props) => <Link to="/invoices/$documentId/edit" params={{ documentId: document.id }} {...props} /> : undefined}>{t('common.edit')}</Button>}
      {can.includes('issue') && <Issue document={document} />}
      {can.includes('pay') && <Button leftSection={<IconCash size={14} aria-hidden />} {...off} onClick={() => setOpened('pay')}>{t(document.direction === 'purchase' ? 'payments.recordOut' : 'payments.record')}</Button>}
      {opened === 'mail' && <Suspense><MailForm document={document} onClose={close} /></Suspense>}
      {opened === 'pay' && <PaymentForm document={document} onClose={close} />}
      {opened === 'credit' && <CreditForm document={document} onClose={close} />}
      {opened === 'refund' && <RefundForm of="/api/documents/{id}/refunds" path={path} rest={document.balance} currency={document.currency} onClose={close} />}
      {opened === 'use' && <UseCreditForm of="/api/documents/{id}/allocations" path={path} party={document.party_id} rest={document.balance} currency={document.currency} onClose={close} />}
      {(opened === 'accept' || opened === 'refuse') && <AnswerDialog document={document} accepted={opened === 'accept'} onClose={close} />}
    </>
  );
}

function Issue({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const issue = api.useMutation('post', '/api/documents/{id}/issuance', useOutcome({ done: t('invoices.issue.done') }));
  const offer = document.kind === 'quote' || document.kind === 'pro_forma';
  return (
    <ConfirmButton primary icon={<IconSend size={14} aria-hidden />} label={t('invoices.issue.label')} title={t('invoices.issue.title', { kind: t(`invoices.kind.${document.kind}`) })} disabled={!oneEntity} loading={issue.isPending} onConfirm={() => issue.mutate({ params: { path: { id: document.id } }, body: {} })}>
      <p>{t('invoices.issue.amount', { amount: formatMoney(document.gross, document.currency), customer: document.party_name })}</p>
      <p>{t(offer ? 'invoices.issue.aboutOffer' : 'invoices.issue.about')}</p>
    </ConfirmButton>
  );
}

function Delete({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const oneEntity = useOneEntity();
  const outcome = useOutcome({ done: t('invoices.delete.done') });
  const remove = api.useMutation('delete', '/api/documents/{id}', {
    ...outcome,
    onSuccess: async () => {
      await navigate({ to: '/invoices', replace: true });
      await outcome.onSuccess();
    },
  });
  return <ConfirmButton danger label={t('common.delete')} title={t('invoices.delete.title')} disabled={!oneEntity} loading={remove.isPending} onConfirm={() => remove.mutate({ params: { path: { id: document.id } } })}>{t('invoices.delete.about')}</ConfirmButton>;
}

/** Goes on to the draft that was written. */
function useWritten(done: string) {
  const navigate = useNavigate();
  const outcome = useOutcome({ done });
  return {
    ...outcome,
    onSuccess: async ({ id }: { id: string }) => {
      await navigate({ to: '/invoices/$documentId', params: { documentId: id } });
      await outcome.onSuccess();
    },
  };
}

function Copy({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const copy = api.useMutation('post', '/api/documents/{id}/copies', useWritten(t('invoices.copied')));
  const make = (revises: boolean) => copy.mutate({ params: { path: { id: document.id } }, body: { revises } });
  return (
    <>
      <Button variant="default" leftSection={<IconCopy size={14} aria-hidden />} disabled={!oneEntity} loading={copy.isPending} onClick={() => make(false)}>{t('invoices.copy')}</Button>
      {document.can.includes('revise') && <Button variant="default" disabled={!oneEntity} loading={copy.isPending} onClick={() => make(true)}>{t('invoices.revise')}</Button>}
    </>
  );
}

function Convert({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const convert = api.useMutation('post', '/api/documents/{id}/conversion', useWritten(t('invoices.converted')));
  const make = (kind: 'invoice' | 'deposit_invoice') => convert.mutate({ params: { path: { id: document.id } }, body: { kind } });
  return (
    <>
      <Button variant="default" disabled={!oneEntity} loading={convert.isPending} onClick={() => make('deposit_invoice')}>{t('invoices.toDeposit')}</Button>
      <Button disabled={!oneEntity} loading={convert.isPending} onClick={() => make('invoice')}>{t('invoices.toInvoice')}</Button>
    </>
  );
}
