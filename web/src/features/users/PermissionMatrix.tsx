import { Checkbox, Input } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Permission, PermissionKeys, Role } from '@/api/schema';
import { useWho } from '@/app/session';
import css from './users.module.css';

const ROLES: Role[] = ['super_admin', 'admin', 'ops', 'viewer'];

/** Every permission: what each role's preset holds, and what this person holds. Nobody grants what he lacks. */
export function PermissionMatrix({ keys, presets, role, single, onChange }: {
  keys: readonly Permission[]; presets: PermissionKeys['presets']; role: Role; single: Partial<Record<Permission, boolean>>; onChange: (single: Partial<Record<Permission, boolean>>) => void;
}) {
  const { t } = useTranslation();
  const { permissions: mine } = useWho();
  const preset = presets[role] ?? [];
  return (
    <Input.Wrapper label={t('users.permissions')} description={t('users.permissionsAbout')} labelElement="div">
      <div className={css.scroll} tabIndex={0} role="group" aria-label={t('users.permissions')}>
        <table className={css.matrix}>
          <thead>
            <tr>
              <th>{t('users.permission')}</th>
              {ROLES.map((one) => <th key={one} data-own={one === role || undefined}>{t(`users.short.${one}`)}</th>)}
              <th>{t('users.holds')}</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => {
              const held = single[key] ?? preset.includes(key);
              return (
                <tr key={key} data-single={held !== preset.includes(key) || undefined}>
                  <th scope="row">{key}</th>
                  {ROLES.map((one) => <td key={one} data-own={one === role || undefined}>{presets[one]?.includes(key) ? '●' : ''}</td>)}
                  <td><Checkbox aria-label={key} checked={held} disabled={!mine.includes(key)} onChange={(event) => onChange({ ...single, [key]: event.currentTarget.checked })} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Input.Wrapper>
  );
}
