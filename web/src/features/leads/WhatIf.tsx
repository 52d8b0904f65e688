import { Button, Group, NumberInput, Select, Stack, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { LeadView, Simulated } from '@/api/schema';
import { useScope } from '@/api/scope';
import { Pill } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { ProblemBox } from '@/ui/states';
import { reasonText } from './reason';
import { LeadStatusPill } from './status';
import { Trace } from './Trace';

/** "What would happen to this lead now, or if an order were different?" — answered by routing itself; nothing is written. */
export function WhatIf({ lead }: { lead: LeadView }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="light" onClick={() => setOpen(true)}>{t('whatIf.open')}</Button>
      {open && <WhatIfDrawer lead={lead} onClose={() => setOpen(false)} />}
    </>
  );
}

function WhatIfDrawer({ lead, onClose }: { lead: LeadView; onClose: () => void }) {
  const { t } = useTranslation();
  const orders = api.useQuery('get', '/api/commandes', { params: { query: { entity: useScope(), limit: 200, ...(lead.product && { product: lead.product }) } } });
  const form = useForm({ initialValues: { order: null as string | null, quota: '' as number | '', priority: '' as number | '', active: true, everywhere: false } });
  const simulate = api.useMutation('post', '/api/leads/simulate');
  const run = form.onSubmit(({ order, quota, priority, active, everywhere }) => {
    const changed = order === null ? [] : [{
      order_id: order,
      active,
      ...(quota !== '' && { quota_semaine: quota }),
      ...(priority !== '' && { priorite: priority }),
      ...(everywhere && { departements: ['*'] }),
    }];
    simulate.mutate({ body: { lead_id: lead.id, orders: changed } });
  });
  const chosen = orders.data?.items.find((order) => order.id === form.values.order);
  return (
    <Side onClose={onClose} title={t('whatIf.title')}>
      <form onSubmit={run}>
        <Stack gap="sm">
          <p className="muted" style={{ margin: 0 }}>{t('whatIf.about')}</p>
          <Select
            label={t('whatIf.order')}
            placeholder={t('whatIf.asItIs')}
            clearable
            searchable
            data={(orders.data?.items ?? []).map((order) => ({ value: order.id, label: `${order.buyer_name} · ${order.product} · ${order.entity}` }))}
            {...form.getInputProps('order')}
          />
          {chosen && (
            <Group grow align="end">
              <NumberInput label={t('whatIf.quota')} placeholder={String(chosen.quota_semaine)} min={0} max={1_000_000} {...form.getInputProps('quota')} />
              <NumberInput label={t('whatIf.priority')} placeholder={String(chosen.priorite)} min={1} max={10} {...form.getInputProps('priority')} />
            </Group>
          )}
          {chosen && (
            <Group>
              <Switch label={t('whatIf.active')} {...form.getInputProps('active', { type: 'checkbox' })} />
              <Switch label={t('whatIf.everywhere')} {...form.getInputProps('everywhere', { type: 'checkbox' })} />
            </Group>
          )}
          <Group><Button type="submit" loading={simulate.isPending}>{t('whatIf.run')}</Button></Group>
          {simulate.isError && <ProblemBox error={simulate.error} />}
          {simulate.data && <Answer answer={simulate.data} />}
        </Stack>
      </form>
    </Side>
  );
}

function Answer({ answer }: { answer: Simulated }) {
  const { t } = useTranslation();
  return (
    <div aria-live="polite" data-testid="simulated">
      <Group gap="xs">
        <LeadStatusPill status={answer.status} />
        {answer.buyer_name && <strong>{answer.buyer_name}</strong>}
        {answer.entity && <Pill>{answer.entity}</Pill>}
        <span className="muted">{reasonText(t, answer.reason)}</span>
      </Group>
      {answer.may_be_replaced && <p className="muted">{t('whatIf.replaced')}</p>}
      <Trace entities={answer.entities} />
    </div>
  );
}
