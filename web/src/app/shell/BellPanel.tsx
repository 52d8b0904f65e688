import { Button, Group, Popover, ScrollArea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { detailText } from '@/features/activity/detail-text';
import { eventText, subjectLink } from '@/features/activity/event-text';
import { formatAgo } from '@/lib/format';
import { BellButton, useNotifications } from './Bell';
import css from './bell.module.css';
import type { DeferredMenu } from './Deferred';

/** What went wrong and concerns the reader; opening it marks it as read. */
export function BellPanel({ onClose }: DeferredMenu) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [open, setOpen] = useState(true);
  const notifications = useNotifications();
  const seen = api.useMutation('post', '/api/notifications/seen', { onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/notifications'] }) });
  const items = notifications.data?.items ?? [];
  const unread = notifications.data?.unread ?? 0;
  const newest = items[0]?.id;
  return (
    <Popover opened={open} onChange={setOpen} onClose={onClose} position="bottom-end" shadow="md" width={360} trapFocus>
      <Popover.Target>
        <BellButton aria-expanded={open} onClick={() => setOpen(!open)} />
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <Group justify="space-between" className={css.head}>
          <strong>{t('bell.title')}</strong>
          {unread > 0 && newest && <Button variant="subtle" size="compact-xs" onClick={() => seen.mutate({ body: { up_to: newest } })}>{t('bell.markRead')}</Button>}
        </Group>
        <ScrollArea.Autosize mah={420}>
          {items.length === 0 && <p className={css.none}>{t('bell.none')}</p>}
          {items.map((item) => {
            const link = subjectLink(item);
            return (
              <button
                key={item.id}
                type="button"
                className={css.item}
                data-unread={item.unread || undefined}
                onClick={() => {
                  setOpen(false);
                  if (link) void navigate(link);
                }}
              >
                <span className={css.what} data-severity={item.severity}>{eventText(t, item)}</span>
                <span className="muted">{formatAgo(item.at)}</span>
                <span className={css.detail}>{detailText(t, item)}</span>
              </button>
            );
          })}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
