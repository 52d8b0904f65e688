import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail, DocumentReminders as Asked, ReminderView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { isZero } from '@/lib/decimal';
import { formatDay, formatInstant, formatMoney } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { Panel } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import css from './mails.module.css';
import { ReminderActions, Suspend } from './ReminderActions';
import { ReminderPill } from './status';

/** The reminders of an invoice, what suspends them, and what can be done now. */
export function DocumentReminders({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const asked = api.useQuery('get', '/api/documents/{id}/reminders', { params: { path: { id: document.id } } });
  return (
    <Panel title={t('reminders.title')} flush actions={asked.data && <Actions document={document} asked={asked.data} />}>
      <Loaded query={asked} height={80}>
        {({ suspension, reminders }) => (
          <>
            {suspension && (
              <div style={{ padding: '0.75rem 1rem' }}>
                <div className="muted">{t('reminders.suspendedBy', { at: formatInstant(suspension.suspended_at), by: suspension.suspended_by })}</div>
                <div className="quoted">{suspension.reason}</div>
              </div>
            )}
            {reminders.length === 0 ? !suspension && <Empty title={t('reminders.none')}>{t('reminders.noneAbout')}</Empty> : <ul className={css.list}>{reminders.map((one) => <Reminder key={one.id} reminder={one} />)}</ul>}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Actions({ document, asked }: { document: DocumentDetail; asked: Asked }) {
  const { t } = useTranslation();
  const may = useMay();
  const off = !useOneEntity();
  const [suspending, setSuspending] = useState(false);
  const path = { params: { path: { id: document.id } } };
  const remind = api.useMutation('post', '/api/documents/{id}/reminders', useOutcome({ done: t('reminders.now.done') }));
  const resume = api.useMutation('delete', '/api/documents/{id}/reminders/suspension', useOutcome({ done: t('reminders.resume.done') }));
  if (!may('billing.manage') || isZero(document.balance)) return null;
  if (asked.suspension) return <ConfirmButton compact label={t('reminders.resume.label')} title={t('reminders.resume.title')} disabled={off} loading={resume.isPending} onConfirm={() => resume.mutate(path)}>{t('reminders.resume.about')}</ConfirmButton>;
  return (
    <Group gap="xs">
      <Button variant="default" size="compact-sm" disabled={off} onClick={() => setSuspending(true)}>{t('reminders.suspend.label')}</Button>
      {(document.days_late ?? 0) > 0 && (
        <ConfirmButton compact label={t('reminders.now.label')} title={t('reminders.now.title', { customer: document.party_name })} disabled={off} loading={remind.isPending} onConfirm={() => remind.mutate(path)}>
          {t('reminders.now.about', { amount: formatMoney(document.balance, document.currency), day: document.due_on ? formatDay(document.due_on) : '' })}
        </ConfirmButton>
      )}
      {suspending && <Suspend document={document.id} onClose={() => setSuspending(false)} />}
    </Group>
  );
}

function Reminder({ reminder }: { reminder: ReminderView }) {
  const { t } = useTranslation();
  const { sent_at: sent, bounced_at: bounced, cancelled_at: cancelled } = reminder;
  return (
    <li>
      <div className={css.what}>
        <div className={css.head}>
          <strong>{t(`reminders.step.${reminder.step}`)}</strong>
          <ReminderPill reminder={reminder} />
          <span className="muted">{sent ? t('reminders.sentTo', { at: formatInstant(sent), addresses: reminder.recipients.join(', ') }) : t('reminders.plannedFor', { day: formatDay(reminder.planned_on) })}</span>
        </div>
        {bounced && <div className="muted">{t('reminders.bouncedAt', { at: formatInstant(bounced) })}</div>}
        {reminder.last_error && <div style={{ color: 'var(--bad)' }}>{reminder.last_error}</div>}
        {cancelled && <div className="muted">{t('reminders.cancelledAt', { at: formatInstant(cancelled) })} {reminder.cancel_reason}</div>}
      </div>
      <ReminderActions reminder={reminder} />
    </li>
  );
}
