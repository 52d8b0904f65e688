import { Button, Group, Stack, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerYearView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatDay, formatInstant } from '@/lib/format';
import { today } from '@/lib/day';
import { Panel, Pill } from '@/ui/layout';
import { Dialog } from '@/ui/overlays';
import { Empty, Loaded, ProblemBox } from '@/ui/states';
import css from './books.module.css';
import { yearName } from './PeriodPicker';
import { useYears } from './queries';

/** Fiscal years; those that are over can be closed. */
export function Years({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const years = useYears(entity);
  const [closing, setClosing] = useState<LedgerYearView>();
  return (
    <Panel flush title={t('books.periods.years')}>
      <Loaded query={years} height={120}>
        {(list) => (list.length === 0 ? <Empty title={t('books.periods.noYear')}>{t('books.periods.noYearAbout')}</Empty> : (
          <table className="plain" aria-label={t('books.periods.years')}>
            <thead>
              <tr>
                <th scope="col">{t('books.periods.year')}</th>
                <th scope="col" className={css.wide}>{t('books.locks.days')}</th>
                <th scope="col">{t('common.status')}</th>
                <th scope="col"><span className="visually-hidden">{t('common.actions')}</span></th>
              </tr>
            </thead>
            <tbody>
              {list.map((year) => (
                <tr key={year.id}>
                  <td><Link to="/ledger" search={{ from: year.starts_on, to: year.ends_on }}>{yearName(year)}</Link></td>
                  <td className={`num ${css.wide}`}>{formatDay(year.starts_on)} – {formatDay(year.ends_on)}</td>
                  <td>{year.closed_at ? <><Pill tone="good">{t('books.periods.closed')}</Pill> <span className="muted">{year.closed_by} · {formatInstant(year.closed_at)}</span></> : <Pill tone="info">{t('books.periods.open')}</Pill>}</td>
                  <td className="end">{!year.closed_at && may('ledger.manage') && <Button variant="default" disabled={year.ends_on >= today()} title={year.ends_on >= today() ? t('books.periods.notOver') : undefined} onClick={() => setClosing(year)}>{t('books.periods.close')}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </Loaded>
      {closing && <CloseYear year={closing} onClose={() => setClosing(undefined)} />}
    </Panel>
  );
}

/** Closing cannot be taken back: the year's name is typed before it is done. */
function CloseYear({ year, onClose }: { year: LedgerYearView; onClose: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const wanted = year.ends_on.slice(0, 4);
  const outcome = useOutcome({ done: t('books.periods.isClosed', { year: yearName(year) }), quiet: true });
  const close = api.useMutation('post', '/api/ledger/years/{id}/closing', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <Dialog onClose={onClose} title={t('books.periods.closeTitle', { year: yearName(year) })}>
      <Stack>
        <div>{t('books.periods.closeAbout', { to: formatDay(year.ends_on) })}</div>
        <TextInput label={t('books.periods.type', { year: wanted })} data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        {close.error !== null && <ProblemBox error={close.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
          <Button color="red.8" disabled={typed.trim() !== wanted} loading={close.isPending} onClick={() => close.mutate({ params: { path: { id: year.id } } })}>{t('books.periods.closeForGood')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
