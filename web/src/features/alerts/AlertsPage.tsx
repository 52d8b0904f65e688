import { Button, Tabs } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AlertsChecked } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useMay } from '@/app/session';
import { alertText } from '@/features/activity/event-text';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import { notify } from '@/ui/notify';
import { AlertList } from './AlertList';
import { AlertRules } from './AlertRules';
import css from './alerts.module.css';

const route = getRouteApi('/_app/alerts');

export interface AlertSearch {
  tab?: string;
  state?: string;
  severity?: string;
  kind?: string;
  subject?: string;
  alert?: string;
}

/** What is wrong now and who takes care of it, and what is looked for. */
export function AlertsPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { tab } = route.useSearch();
  const patch = usePatchSearch<AlertSearch>();
  const rules = tab === 'rules' && may('settings.access');
  return (
    <Page fill title={t('alerts.title')} about={t('alerts.about')} actions={may('operations.manage') && <LookNow />}>
      {may('settings.access') && (
        <Tabs value={rules ? 'rules' : 'list'} onChange={(value) => patch({ tab: value === 'rules' ? value : undefined, alert: undefined })} className={css.tabs ?? ''}>
          <Tabs.List>
            <Tabs.Tab value="list">{t('alerts.tab.list')}</Tabs.Tab>
            <Tabs.Tab value="rules">{t('alerts.tab.rules')}</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      )}
      {rules ? <AlertRules /> : <AlertList />}
    </Page>
  );
}

/** Looks for every kind now, due or not. */
function LookNow() {
  const { t } = useTranslation();
  const outcome = useOutcome();
  const look = api.useMutation('post', '/api/alerts/checks', {
    onError: outcome.onError,
    onSuccess: async ({ found, failed }: AlertsChecked) => {
      const count = Object.values(found).reduce((sum, one) => sum + one, 0);
      const isWhole = failed.length === 0;
      await notify({ message: isWhole ? t('alerts.looked', { count }) : t('alerts.lookFailed', { kinds: failed.map((kind) => alertText(t, kind)).join(', ') }), color: isWhole ? 'teal' : 'yellow' });
      await outcome.onSuccess();
    },
  });
  return <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} loading={look.isPending} onClick={() => look.mutate({})}>{t('alerts.look')}</Button>;
}
