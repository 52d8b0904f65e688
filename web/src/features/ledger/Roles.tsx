import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LedgerRoleView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { formatPercent } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';
import { Panel, Pill } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { AccountSelect } from './AccountSelect';
import css from './books.module.css';
import { nameOf, useRoles } from './queries';

/** Which account plays which role: where what is posted by itself goes. */
export function Roles({ entity }: { entity: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const roles = useRoles(entity);
  const [changing, setChanging] = useState<LedgerRoleView>();
  return (
    <Panel flush title={t('books.roles.title')}>
      <Loaded query={roles} height={420}>
        {(list) => (
          <table className="plain" aria-label={t('books.roles.title')}>
            <thead>
              <tr>
                <th scope="col">{t('books.roles.role')}</th>
                <th scope="col">{t('books.account')}</th>
                <th scope="col"><span className="visually-hidden">{t('common.actions')}</span></th>
              </tr>
            </thead>
            <tbody>
              {list.map((one) => (
                <tr key={`${one.role} ${one.rate ?? ''}`}>
                  <td><RoleName role={one} /></td>
                  <td>{one.account ? <><span className={css.code}>{one.account}</span>{nameOf(one)}</> : <Pill tone="warn">{t('books.roles.none')}</Pill>}</td>
                  <td className="end">{may('ledger.manage') && <Button variant="subtle" size="compact-xs" onClick={() => setChanging(one)}>{t('common.edit')}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
      {changing && <RoleForm entity={entity} role={changing} onClose={() => setChanging(undefined)} />}
    </Panel>
  );
}

function RoleName({ role }: { role: LedgerRoleView }) {
  const { t } = useTranslation();
  return <>{t(`books.role.${role.role as 'bank'}`, { defaultValue: role.role })}{role.rate && ` · ${formatPercent(role.rate)}`}</>;
}

function RoleForm({ entity, role, onClose }: { entity: string; role: LedgerRoleView; onClose: () => void }) {
  const { t } = useTranslation();
  const [account, setAccount] = useState(role.account ?? undefined);
  const [rate, setRate] = useState(role.rate ?? '');
  const outcome = useOutcome({ done: t('common.saved'), quiet: true });
  const save = api.useMutation('put', '/api/ledger/roles', {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  const submit = (event?: { preventDefault: () => void }) => {
    event?.preventDefault();
    save.mutate({ body: { entity, role: role.role, ...(rate !== '' && { rate: rate.replace(',', '.') }), account: account ?? null } });
  };
  return (
    <FormDrawer title={t(`books.role.${role.role as 'bank'}`, { defaultValue: role.role })} onClose={onClose} onSubmit={submit} saving={save.isPending} error={save.error}>
      <div className="muted">{t('books.roles.about')}</div>
      <AccountSelect entity={entity} label={t('books.account')} value={account} onChange={setAccount} />
      {role.role.startsWith('vat_') && <TextInput label={t('books.vat.rate')} description={t('books.roles.rateAbout')} inputMode="decimal" value={rate} onChange={(event) => setRate(event.currentTarget.value)} />}
    </FormDrawer>
  );
}
