import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { MailStatus, MailView } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { FilterSelect } from '@/ui/filters';
import { Pill, type Tone, Toolbar } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';

const TONES: Record<MailStatus, Tone> = { queued: 'info', sending: 'violet', accepted: 'good', refused: 'bad', unknown: 'warn' };
const STATES = Object.keys(TONES) as MailStatus[];

/** Every mail, and what the server said to it. */
export function MailLog() {
  const { t } = useTranslation();
  const [status, setStatus] = useState<MailStatus>();
  const mails = api.useInfiniteQuery('get', '/api/operations/mail', { params: { query: status ? { status } : {} } }, BY_CURSOR);
  const columns = useMemo<Column<MailView>[]>(
    () => [
      { id: 'subject', header: t('operations.subject'), width: 'minmax(11rem, 1.4fr)', cell: (mail) => <strong>{mail.subject}</strong> },
      { id: 'to', header: t('deliveries.recipients'), width: 'minmax(9rem, 1fr)', wide: true, cell: (mail) => mail.recipients.join(', ') },
      { id: 'status', header: t('common.status'), width: '8rem', cell: (mail) => <Pill tone={TONES[mail.status]}>{t(`operations.mailState.${mail.status}`)}</Pill> },
      { id: 'answer', header: t('operations.answer'), width: 'minmax(9rem, 1.2fr)', wide: true, cell: (mail) => mail.answer },
      { id: 'transport', header: t('operations.transport'), width: '6rem', wide: true, hidden: true, cell: (mail) => mail.transport },
      { id: 'at', header: t('common.created'), width: '8rem', wide: true, cell: (mail) => <span className="num">{formatInstant(mail.created_at)}</span> },
    ],
    [t],
  );
  return (
    <>
      <Toolbar label={t('leads.filters')}>
        <FilterSelect label={t('common.status')} value={status} options={STATES.map((value) => ({ value, label: t(`operations.mailState.${value}`) }))} onChange={(value) => setStatus(value as MailStatus | undefined)} />
      </Toolbar>
      <DataTable name="mail" label={t('operations.tabs.mail')} columns={columns} pages={mails} rowId={(mail) => mail.id} empty={<Empty title={t('operations.noMail')} />} />
    </>
  );
}
