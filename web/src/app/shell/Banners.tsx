import { Button } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useIsLive } from '@/api/live';
import { ALL, useScope } from '@/api/scope';
import { useMay, useOneEntity } from '../session';
import { useNewVersion } from '../version';
import css from './shell.module.css';

/** While one tries things out, nothing counts: said on every page, to those who can end it. */
function Simulation() {
  const { t } = useTranslation();
  const may = useMay();
  const policy = api.useQuery('get', '/api/settings/email-denylist', {}, { enabled: may('settings.access'), staleTime: 5 * 60_000 });
  const value = policy.data?.value;
  return value?.simulation_mode && <div className={css.banner} data-tone="warn" role="status">{t('settings.simulationOn', { to: value.simulation_email ?? '' })}</div>;
}

/** What everybody must know before working: no connection, a newer version, that nothing can be changed in this scope. */
export function Banners() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  const isLive = useIsLive();
  const newer = useNewVersion();
  const oneEntity = useOneEntity();
  const all = useScope() === ALL;
  const may = useMay();
  return (
    <>
      {(!online || !isLive) && <div className={css.banner} data-tone={online ? 'warn' : 'bad'} role="status">{t(online ? 'banner.notLive' : 'banner.offline')}</div>}
      {newer && (
        <div className={css.banner} data-tone="info" role="status">
          {t('banner.newVersion')}
          <Button variant="default" onClick={() => location.reload()}>{t('banner.reload')}</Button>
        </div>
      )}
      <Simulation />
      {all && !oneEntity && may('leads.edit_status') && <div className={css.banner} data-tone="info">{t('banner.allScope')}</div>}
    </>
  );
}
