import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LeadRow, LeadStatus } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay, useOneEntity } from '@/app/session';
import { ConfirmButton } from '@/ui/confirm';
import { notify } from '@/ui/notify';
import { Dialog } from '@/ui/overlays';

/** The states a person may set. */
const BY_HAND: LeadStatus[] = ['new', 'invalid', 'no_open_orders', 'hold_source'];

interface Report {
  done: readonly string[];
  refused: readonly { detail: string }[];
}

/** Changes or deletes the leads selected; says which were refused and why. */
export function BulkLeads({ rows, clear }: { rows: LeadRow[]; clear: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const oneEntity = useOneEntity();
  const queries = useQueryClient();
  const [editing, setEditing] = useState(false);
  const ids = rows.map((row) => row.id);
  const { onError } = useOutcome();
  const onSuccess = async ({ done, refused }: Report) => {
    clear();
    setEditing(false);
    if (done.length > 0) await notify({ message: t('leads.bulk.done', { count: done.length }), color: 'teal' });
    if (refused.length > 0) await notify({ title: t('leads.bulk.refused', { count: refused.length }), message: [...new Set(refused.map((one) => one.detail))].join('\n'), color: 'red', autoClose: false });
    await queries.invalidateQueries();
  };
  const edit = api.useMutation('post', '/api/leads/batch/status', { onSuccess, onError });
  const remove = api.useMutation('post', '/api/leads/batch/delete', { onSuccess, onError });
  const form = useForm({ initialValues: { status: 'new' as LeadStatus, reason: '' }, validate: { reason: (text) => (text.trim() === '' ? t('common.required') : null) } });
  const off = { disabled: !oneEntity, title: oneEntity ? undefined : t('common.oneEntity') };
  return (
    <>
      {may('leads.edit_status') && <Button {...off} onClick={() => setEditing(true)}>{t('leads.bulk.status')}</Button>}
      {may('leads.delete') && (
        <ConfirmButton danger label={t('leads.bulk.delete')} title={t('leads.bulk.deleteTitle')} disabled={!oneEntity} loading={remove.isPending} onConfirm={() => remove.mutate({ body: { ids } })}>{t('leads.bulk.deleteAbout')}</ConfirmButton>
      )}
      <Button variant="subtle" color="gray" onClick={clear}>{t('common.cancel')}</Button>
      {editing && (
        <Dialog onClose={() => setEditing(false)} title={t('leads.bulk.status')}>
          <form onSubmit={form.onSubmit((values) => edit.mutate({ body: { ids, ...values } }))}>
            <Stack>
              <Select label={t('common.status')} allowDeselect={false} data={BY_HAND.map((status) => ({ value: status, label: t(`leads.status.${status}`) }))} {...form.getInputProps('status')} />
              <TextInput label={t('common.reason')} data-autofocus {...form.getInputProps('reason')} />
              <Group justify="flex-end">
                <Button variant="default" onClick={() => setEditing(false)}>{t('common.cancel')}</Button>
                <Button type="submit" loading={edit.isPending}>{t('common.save')}</Button>
              </Group>
            </Stack>
          </form>
        </Dialog>
      )}
    </>
  );
}
