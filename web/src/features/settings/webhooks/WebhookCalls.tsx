import { Button, Code, Group, Stack } from '@mantine/core';
import { IconRefresh, IconSend } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { CallOutcome, WebhookAttemptView, WebhookView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { formatInstant, formatNumber } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { Pill, type Tone } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { Empty, Loaded } from '@/ui/states';
import css from './webhooks.module.css';

const TONES: Record<CallOutcome, Tone> = { delivered: 'good', refused: 'warn', failed: 'bad' };

/** The calls of a webhook in the last 30 days, and what came back. */
export function WebhookCalls({ webhook, onClose }: { webhook: WebhookView; onClose: () => void }) {
  const { t } = useTranslation();
  const path = { id: webhook.id };
  const calls = api.useInfiniteQuery('get', '/api/webhooks/{id}/attempts', { params: { path, query: { limit: 20 } } }, BY_CURSOR);
  const test = api.useMutation('post', '/api/webhooks/{id}/test', useOutcome({ done: t('webhooks.testSent') }));
  return (
    <Side onClose={onClose} title={t('webhooks.callsOf', { name: webhook.name })}>
      <Stack>
        {webhook.can.includes('test') && (
          <Group><Button variant="default" leftSection={<IconSend size={14} />} loading={test.isPending} onClick={() => test.mutate({ params: { path } })}>{t('webhooks.test')}</Button></Group>
        )}
        <Loaded query={calls}>
          {({ pages }) => {
            const all = pages.flatMap((page) => page.items);
            if (all.length === 0) return <Empty title={t('webhooks.noCall')}>{t('webhooks.noCallAbout')}</Empty>;
            return <ol className={css.list} aria-label={t('webhooks.calls')}>{all.map((one) => <Call key={one.id} call={one} />)}</ol>;
          }}
        </Loaded>
        {calls.hasNextPage && <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>{t('table.more')}</Button>}
      </Stack>
    </Side>
  );
}

function Call({ call }: { call: WebhookAttemptView }) {
  const { t } = useTranslation();
  const answer = call.outcome === 'failed' ? t(`webhooks.noAnswer.${call.answer as 'egress_refused'}`, { defaultValue: call.answer }) : call.answer;
  const resend = api.useMutation('post', '/api/webhook-attempts/{id}/resend', useOutcome({ done: t('webhooks.resent') }));
  return (
    <li className={css.call}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Pill tone={TONES[call.outcome]}>{t(`webhooks.outcome.${call.outcome}`)}</Pill>
          {call.status !== null && call.status !== undefined && <span className="num">{call.status}</span>}
          <strong className="mono">{call.action}</strong>
        </Group>
        <span className="num muted">{formatInstant(call.at, 'precise')}</span>
      </Group>
      <span className="muted">
        {t('webhooks.took', { attempt: call.attempt, ms: formatNumber(call.duration_ms) })}
        {call.next_at && ` · ${t('webhooks.nextAt', { at: formatInstant(call.next_at) })}`}
      </span>
      {answer !== '' && <Code block tabIndex={0} className={css.answer}>{answer}</Code>}
      {call.can.includes('resend') && (
        <Group><Button variant="default" size="compact-sm" leftSection={<IconRefresh size={14} />} loading={resend.isPending} onClick={() => resend.mutate({ params: { path: { id: call.id } } })}>{t('webhooks.resend')}</Button></Group>
      )}
    </li>
  );
}
