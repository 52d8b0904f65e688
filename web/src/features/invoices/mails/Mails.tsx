import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { DocumentDetail, DocumentMailView } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { Panel, Stack } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { DocumentReminders } from './DocumentReminders';
import css from './mails.module.css';
import { MailPill } from './status';

/** What was mailed about a document and what became of it, and how its payment is asked for. */
export function Mails({ document }: { document: DocumentDetail }) {
  const { t } = useTranslation();
  const mails = api.useQuery('get', '/api/documents/{id}/mails', { params: { path: { id: document.id }, query: { limit: 100 } } });
  return (
    <Stack>
      {document.payment_state && document.kind !== 'credit_note' && document.origin !== 'intercompany' && <DocumentReminders document={document} />}
      <Panel title={t('mails.tab')} flush>
        <Loaded query={mails}>
          {({ items }) => (items.length === 0 ? <Empty title={t('mails.none')}>{t('mails.noneAbout')}</Empty> : <ul className={css.list}>{items.map((mail) => <Mail key={mail.id} mail={mail} />)}</ul>)}
        </Loaded>
      </Panel>
    </Stack>
  );
}

function Mail({ mail }: { mail: DocumentMailView }) {
  const { t } = useTranslation();
  return (
    <li>
      <div className={css.what}>
        <div className={css.head}>
          <strong>{mail.step ? t(`reminders.step.${mail.step}`) : t('mails.document')}</strong>
          <MailPill status={mail.status} />
          <span className="muted num">{t('mails.by', { at: formatInstant(mail.settled_at ?? mail.created_at), by: mail.requested_by })}</span>
        </div>
        <div>{mail.to.join(', ')}{mail.cc.length > 0 && <span className="muted"> · {t('mails.copyTo', { addresses: mail.cc.join(', ') })}</span>}</div>
        {mail.answer && <div className={mail.status === 'refused' ? undefined : 'muted'} style={mail.status === 'refused' ? { color: 'var(--bad)' } : undefined}>{t('mails.answer', { answer: mail.answer })}</div>}
        {mail.status === 'unknown' && <div>{t('mails.unknownAbout')}</div>}
        <details className={css.text}>
          <summary>{mail.subject}</summary>
          <div className="quoted">{mail.text}</div>
        </details>
      </div>
    </li>
  );
}
