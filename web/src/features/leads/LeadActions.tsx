import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LeadStatus, LeadView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { ConfirmButton } from '@/ui/confirm';
import { Dialog } from '@/ui/overlays';

/** What may be done with a lead by hand. */
export function LeadActions({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const oneEntity = useOneEntity();
  const [editing, setEditing] = useState(false);
  const remove = api.useMutation('delete', '/api/leads/{id}', { ...useOutcome({ done: t('leads.deleted') }), onSuccess: () => navigate({ to: '/leads' }) });
  const why = oneEntity ? undefined : t('common.oneEntity');
  return (
    <>
      {lead.can.includes('edit_status') && (
        <Button variant="default" disabled={!oneEntity} title={why} onClick={() => setEditing(true)}>{t('leads.editStatus')}</Button>
      )}
      {lead.can.includes('erase') && <Erase lead={lead} />}
      {lead.can.includes('delete') && (
        <ConfirmButton danger label={t('common.delete')} title={t('leads.deleteTitle')} disabled={!oneEntity} loading={remove.isPending} onConfirm={() => remove.mutate({ params: { path: { id: lead.id } } })}>
          {t('leads.deleteAbout')}
        </ConfirmButton>
      )}
      {editing && <EditStatus lead={lead} onClose={() => setEditing(false)} />}
    </>
  );
}

/** Forgets a person everywhere, as he asked; figures stay. */
function Erase({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const erase = api.useMutation('post', '/api/leads/erase', useOutcome({ done: t('leads.erasedNow') }));
  return (
    <ConfirmButton danger label={t('leads.erase')} title={t('leads.eraseTitle')} disabled={!oneEntity} loading={erase.isPending} onConfirm={() => erase.mutate({ body: { phone: lead.phone || null, email: lead.email || null } })}>
      {t('leads.eraseAbout')}
    </ConfirmButton>
  );
}

function EditStatus({ lead, onClose }: { lead: LeadView; onClose: () => void }) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('common.saved') });
  const form = useForm({ initialValues: { status: lead.may_become[0] ?? lead.status, reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const edit = api.useMutation('put', '/api/leads/{id}/status', {
    ...outcome,
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <Dialog onClose={onClose} title={t('leads.editStatus')}>
      <form onSubmit={form.onSubmit((body) => edit.mutate({ params: { path: { id: lead.id } }, body }))}>
        <Stack>
          <Select
            label={t('common.status')}
            data={lead.may_become.map((status: LeadStatus) => ({ value: status, label: t(`leads.status.${status}`) }))}
            allowDeselect={false}
            {...form.getInputProps('status')}
          />
          <TextInput label={t('common.reason')} data-autofocus {...form.getInputProps('reason')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" loading={edit.isPending}>{t('common.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
