import { useTranslation } from 'react-i18next';
import type { MailStatus, ReminderView } from '@/api/schema';
import { Pill, type Tone } from '@/ui/layout';

const MAIL: Record<MailStatus, Tone> = { queued: 'info', sending: 'info', accepted: 'good', refused: 'bad', unknown: 'warn' };
const REMINDER: Record<ReminderView['status'], Tone> = { planned: 'info', sent: 'good', bounced: 'bad', cancelled: 'neutral' };

/** What became of an e-mail: it is sent only once a mail server took it. */
export function MailPill({ status }: { status: MailStatus }) {
  const { t } = useTranslation();
  return <Pill tone={MAIL[status]} {...(status === 'unknown' && { title: t('mails.unknownAbout') })}>{t(`mails.state.${status}`)}</Pill>;
}

/** Where a reminder stands: while it is planned, where its e-mail does, if there is one. */
export function ReminderPill({ reminder }: { reminder: Pick<ReminderView, 'status' | 'mail_status' | 'suspended' | 'last_error'> }) {
  const { t } = useTranslation();
  const { status, mail_status: mail } = reminder;
  const waits = status === 'planned' || status === 'bounced';
  if (waits && (mail === 'queued' || mail === 'sending')) return <MailPill status={mail} />;
  if (waits && reminder.suspended) return <Pill tone="warn">{t('reminders.suspended')}</Pill>;
  if (status === 'planned' && (mail === 'refused' || mail === 'unknown')) return <MailPill status={mail} />;
  return <Pill tone={REMINDER[status]} {...(reminder.last_error && { title: reminder.last_error })}>{t(`reminders.state.${status}`)}</Pill>;
}
