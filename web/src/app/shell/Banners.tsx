import { Button } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { useIsLive } from '@/api/live';
import { ALL, useScope } from '@/api/scope';
import { useMay, useOneEntity } from '../session';
import { useNewVersion } from '../version';
import css from './shell.module.css';

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
      {all && !oneEntity && may('leads.edit_status') && <div className={css.banner} data-tone="info">{t('banner.allScope')}</div>}
    </>
  );
}
