import { Button, Group } from '@mantine/core';
import { IconHistory, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { WebhookView, WebhookWithSecret } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { SecretDialog } from './SecretDialog';
import { WebhookCalls } from './WebhookCalls';
import { WebhookForm } from './WebhookForm';
import css from './webhooks.module.css';

/** Other systems that are told what happens. */
export function Webhooks() {
  const { t } = useTranslation();
  const [editing, setEditing] = useState<WebhookView | 'new'>();
  const [shown, setShown] = useState<WebhookView>();
  const [made, setMade] = useState<WebhookWithSecret>();
  const webhooks = api.useQuery('get', '/api/webhooks', {});
  const create = <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>{t('webhooks.new')}</Button>;
  return (
    <Panel title={t('webhooks.title')} actions={create}>
      <p className={css.about}>{t('webhooks.about')}</p>
      <Loaded query={webhooks}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t('webhooks.empty')}>{t('webhooks.emptyAbout')}</Empty>
          ) : (
            <ul className={css.list} aria-label={t('webhooks.title')}>
              {all.map((one) => (
                <li key={one.id} className={css.hook}>
                  <div className={css.what}>
                    <Group gap="xs"><strong>{one.name}</strong><State webhook={one} />{one.entity && <Pill>{one.entity}</Pill>}</Group>
                    <span className={css.url}>{one.url}</span>
                    <span className="muted">{one.actions.join(' · ')}</span>
                    {one.failing_since && <span className={css.trouble}>{t('webhooks.failingSince', { at: formatInstant(one.failing_since) })}</span>}
                  </div>
                  <Group gap="xs">
                    <Button variant="default" leftSection={<IconHistory size={14} />} aria-label={t('webhooks.callsOf', { name: one.name })} onClick={() => setShown(one)}>{t('webhooks.calls')}</Button>
                    {one.can.includes('update') && <Button variant="default" aria-label={t('webhooks.editOf', { name: one.name })} onClick={() => setEditing(one)}>{t('common.edit')}</Button>}
                  </Group>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing && <WebhookForm {...(editing !== 'new' && { webhook: editing })} onClose={() => setEditing(undefined)} onSecret={setMade} />}
      {shown && <WebhookCalls webhook={shown} onClose={() => setShown(undefined)} />}
      {made && <SecretDialog webhook={made} onClose={() => setMade(undefined)} />}
    </Panel>
  );
}

function State({ webhook }: { webhook: WebhookView }) {
  const { t } = useTranslation();
  if (!webhook.active) return <Pill tone="neutral">{t('webhooks.off')}</Pill>;
  if (webhook.failing_since) return <Pill tone="warn">{t('webhooks.failing')}</Pill>;
  return <Pill tone="good">{t('webhooks.on')}</Pill>;
}
