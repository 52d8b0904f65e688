import { Button, Group, Stack, Textarea } from '@mantine/core';
import { IconArrowUpRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AlertView } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { thingLink } from '@/app/things';
import { alertText } from '@/features/activity/event-text';
import { formatInstant } from '@/lib/format';
import { Facts } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';
import { fieldText } from '@/ui/field-text';
import css from './alerts.module.css';
import { StatePill, WeightPill } from './status';
import { aboutText } from './texts';

/** One alert: what it is about, since when, who takes care of it, and saying that one does. */
export function AlertDrawer({ alert, onClose }: { alert: AlertView; onClose: () => void }) {
  const { t } = useTranslation();
  const link = thingLink(alert.subject_kind, alert.subject);
  return (
    <Side onClose={onClose} title={alertText(t, alert.kind)} size="md">
      <Stack>
        <div className={css.text}>{aboutText(t, alert)}</div>
        <Group gap="xs"><WeightPill severity={alert.severity} /><StatePill state={alert.state} /></Group>
        {link && <Group><Button variant="default" rightSection={<IconArrowUpRight size={14} aria-hidden />} renderRoot={(props) => <Link {...link} {...props} />}>{t('alerts.openThing')}</Button></Group>}
        <Facts
          facts={[
            [t('common.entity'), alert.entity],
            [t('alerts.since'), formatInstant(alert.opened_at, 'precise')],
            [t('alerts.lastSeen'), formatInstant(alert.last_seen_at, 'precise')],
            [t('alerts.told'), formatInstant(alert.told_at, 'precise')],
            [t('alerts.by'), alert.acknowledged_by && alert.acknowledged_at && `${alert.acknowledged_by}, ${formatInstant(alert.acknowledged_at)}`],
            [t('alerts.note'), alert.note],
            [t('alerts.over'), alert.resolved_at && formatInstant(alert.resolved_at, 'precise')],
          ]}
        />
        {alert.can.includes('acknowledge') && <Acknowledge alert={alert} />}
      </Stack>
    </Side>
  );
}

function Acknowledge({ alert }: { alert: AlertView }) {
  const { t } = useTranslation();
  const { form, drop } = useDraft(`alert-${alert.id}`, { initialValues: { note: alert.note ?? '' } });
  const outcome = useOutcome({ done: t('alerts.acknowledged') });
  const acknowledge = api.useMutation('post', '/api/alerts/{id}/acknowledgement', {
    onError: (error) => void showFieldErrors(form, error, (message) => fieldText(t, message)),
    onSuccess: async () => {
      drop();
      await outcome.onSuccess();
    },
  });
  const submit = form.onSubmit(({ note }) => acknowledge.mutate({ params: { path: { id: alert.id } }, body: { note: note.trim() === '' ? null : note } }));
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <Textarea label={t('alerts.note')} description={t('alerts.noteAbout')} placeholder={t('alerts.notePlaceholder')} maxLength={500} {...form.getInputProps('note')} />
        {acknowledge.error && Object.keys(form.errors).length === 0 && <ProblemBox error={acknowledge.error} />}
        <Group justify="flex-end"><Button type="submit" loading={acknowledge.isPending}>{t(alert.state === 'acknowledged' ? 'alerts.changeNote' : 'alerts.acknowledge')}</Button></Group>
      </Stack>
    </form>
  );
}
