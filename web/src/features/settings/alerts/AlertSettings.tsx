import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { RuleList } from '@/features/alerts/AlertRules';
import { alertText } from '@/features/activity/event-text';
import { usePatchSearch } from '@/lib/patch-search';
import { Panel, Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { MailsAboutAlerts } from './MailsAboutAlerts';
import { RuleForm } from './RuleForm';
import css from './alert-settings.module.css';

const route = getRouteApi('/_app/settings');

/** What is looked for, from where on it is an alert, who is told, and when mails rest. */
export function AlertSettings() {
  const { t } = useTranslation();
  const { rule: open } = route.useSearch();
  const patch = usePatchSearch<{ rule: string }>();
  const settings = api.useQuery('get', '/api/settings/alerts', {});
  const rules = api.useQuery('get', '/api/alert-rules', {});
  const edited = rules.data?.find((rule) => rule.kind === open);
  return (
    <Stack>
      <Loaded query={settings}>{(stored) => <MailsAboutAlerts key={stored.version} stored={stored} />}</Loaded>
      <Panel title={t('alertSettings.rules')} flush>
        <p className={css.about}>{t('alertSettings.rulesAbout')}</p>
        <Loaded query={rules} height={420}>
          {(all) => <RuleList rules={all} label={t('alertSettings.rules')} action={({ kind }) => <Button variant="default" aria-label={t('alertSettings.edit', { name: alertText(t, kind) })} onClick={() => patch({ rule: kind })}>{t('common.edit')}</Button>} />}
        </Loaded>
      </Panel>
      {edited && settings.data && <RuleForm key={edited.kind} rule={edited} version={settings.data.version} onClose={() => patch({ rule: undefined })} />}
    </Stack>
  );
}
