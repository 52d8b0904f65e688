import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerLockView } from '@/api/schema';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatDay, formatInstant } from '@/lib/format';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel, Pill } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import css from './books.module.css';
import { presets } from './period';
import { Years } from './Years';

/** Fiscal years, and the days that are closed for posting. */
export function Periods({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const [locking, setLocking] = useState(false);
  const [unlocking, setUnlocking] = useState<LedgerLockView>();
  const locks = api.useQuery('get', '/api/ledger/locks', { params: { query: { entity } } });
  const lock = may('ledger.manage') && <Button leftSection={<IconLock size={14} aria-hidden />} onClick={() => setLocking(true)}>{t('books.locks.lock')}</Button>;
  return (
    <div className={css.body}>
      <Years entity={entity} />
      <Panel flush title={t('books.locks.title')} actions={lock}>
        <Loaded query={locks} height={120}>{(list) => (list.length === 0 ? <Empty title={t('books.locks.empty')}>{t('books.locks.about')}</Empty> : <Locks locks={list} unlock={may('ledger.manage') ? setUnlocking : undefined} />)}</Loaded>
      </Panel>
      {locking && <LockForm entity={entity} onClose={() => setLocking(false)} />}
      {unlocking && <UnlockForm lock={unlocking} onClose={() => setUnlocking(undefined)} />}
    </div>
  );
}

function Locks({ locks, unlock }: { locks: LedgerLockView[]; unlock: ((lock: LedgerLockView) => void) | undefined }) {
  const { t } = useTranslation();
  return (
    <table className="plain" aria-label={t('books.locks.title')}>
      <thead>
        <tr>
          <th scope="col">{t('books.locks.days')}</th>
          <th scope="col" className={css.wide}>{t('common.status')}</th>
          <th scope="col">{t('common.reason')}</th>
          <th scope="col" className={css.wide}>{t('books.locks.by')}</th>
          <th scope="col"><span className="visually-hidden">{t('common.actions')}</span></th>
        </tr>
      </thead>
      <tbody>
        {locks.map((lock) => (
          <tr key={lock.id}>
            <td className="num">{formatDay(lock.starts_on)} – {formatDay(lock.ends_on)}</td>
            <td className={css.wide}><Pill tone={lock.locked ? 'warn' : 'neutral'}>{t(lock.locked ? 'books.locks.locked' : 'books.locks.lifted')}</Pill></td>
            <td>{lock.reason}{lock.unlock_reason && <div className="muted">{t('books.locks.liftedWhy', { reason: lock.unlock_reason })}</div>}</td>
            <td className={css.wide}>{lock.locked_by} · {formatInstant(lock.locked_at)}{lock.unlocked_at && <div className="muted">{lock.unlocked_by} · {formatInstant(lock.unlocked_at)}</div>}</td>
            <td className="end">{lock.locked && unlock && <Button variant="default" onClick={() => unlock(lock)}>{t('books.locks.unlock')}</Button>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LockForm({ entity, onClose }: { entity: string; onClose: () => void }) {
  const { t } = useTranslation();
  const last = presets([]).find((one) => one.name === 'lastMonth')?.period;
  const required = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm({ initialValues: { starts_on: last?.from ?? '', ends_on: last?.to ?? '', reason: '' }, validate: { starts_on: required, ends_on: required, reason: required } });
  const outcome = useOutcome({ done: t('books.locks.isLocked'), quiet: true });
  const lock = api.useMutation('post', '/api/ledger/locks', {
    onError: (error) => void showFieldErrors(form, error),
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer title={t('books.locks.lock')} submitLabel={t('books.locks.lock')} onClose={onClose} onSubmit={form.onSubmit((values) => lock.mutate({ body: { entity, ...values } }))} saving={lock.isPending} error={lock.error}>
      <div className="muted">{t('books.locks.about')}</div>
      <Fields wide>
        <TextInput type="date" label={t('books.locks.from')} required {...form.getInputProps('starts_on')} />
        <TextInput type="date" label={t('books.locks.to')} required {...form.getInputProps('ends_on')} />
      </Fields>
      <TextInput label={t('common.reason')} required data-autofocus {...form.getInputProps('reason')} />
    </FormDrawer>
  );
}

function UnlockForm({ lock, onClose }: { lock: LedgerLockView; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (value) => (value.trim() === '' ? t('common.required') : null) } });
  const outcome = useOutcome({ done: t('books.locks.isLifted'), quiet: true });
  const unlock = api.useMutation('post', '/api/ledger/locks/{id}/unlock', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer title={t('books.locks.unlock')} submitLabel={t('books.locks.unlock')} onClose={onClose} onSubmit={form.onSubmit((body) => unlock.mutate({ params: { path: { id: lock.id } }, body }))} saving={unlock.isPending} error={unlock.error}>
      <div className="muted">{t('books.locks.unlockAbout', { from: formatDay(lock.starts_on), to: formatDay(lock.ends_on) })}</div>
      <TextInput label={t('common.reason')} required data-autofocus {...form.getInputProps('reason')} />
    </FormDrawer>
  );
}
