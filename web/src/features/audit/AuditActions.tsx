import { Button, Menu, Select } from '@mantine/core';
import { IconDownload, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, client } from '@/api/client';
import type { AuditState } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { usePatchSearch } from '@/lib/patch-search';
import { saveFile } from '@/lib/save-file';
import type { AuditSearch } from './AuditPage';
import css from './audit.module.css';
import { isUnderWay, useRuns } from './queries';
import { ranText } from './texts';

const route = getRouteApi('/_app/audit');

/** Which audit is looked at, its report to take away, and running it anew. */
export function AuditActions({ audit }: { audit: AuditState | undefined }) {
  const { t } = useTranslation();
  const { run } = route.useSearch();
  const patch = usePatchSearch<AuditSearch>();
  const runs = useRuns().data?.items ?? [];
  const start = api.useMutation('post', '/api/audit/runs', useOutcome());
  const underWay = isUnderWay(audit?.asked?.state);
  // One that is older than those offered is still named when an address opens it.
  const known = runs.map((one) => ({ value: one.id, label: `${ranText(t, one)} · ${one.score}` }));
  return (
    <div className={css.actions}>
      <Select
        aria-label={t('audit.runs')}
        data={[{ value: '', label: t('audit.now') }, ...known]}
        value={known.some(({ value }) => value === run) ? (run ?? '') : ''}
        allowDeselect={false}
        maxDropdownHeight={360}
        miw={275}
        className={css.which ?? ''}
        onChange={(id) => patch({ run: id || undefined, check: undefined })}
      />
      <TakeAway id={run ?? runs[0]?.id} />
      <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} loading={start.isPending || underWay} onClick={() => start.mutate({ body: { sections: [] } })}>{t(runs.length > 0 ? 'audit.rerun' : 'audit.run')}</Button>
    </div>
  );
}

function TakeAway({ id }: { id: string | undefined }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const take = async (kind: 'html' | 'json') => {
    const path = { params: { path: { id: id ?? '' } } };
    try {
      if (kind === 'html') {
        const { data, response } = await client.GET('/api/audit/runs/{id}/report', { ...path, parseAs: 'blob' });
        if (data) saveFile(data, response.headers.get('content-disposition'), 'audit.html');
      } else {
        const { data } = await client.GET('/api/audit/runs/{id}', path);
        saveFile(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }), null, `audit-${data?.finished_at.slice(0, 10) ?? ''}.json`);
      }
    } catch (error) {
      await onError(error);
    }
  };
  return (
    <Menu shadow="md" position="bottom-end" withinPortal={false}>
      <Menu.Target><Button variant="default" leftSection={<IconDownload size={14} aria-hidden />} disabled={id === undefined} title={id === undefined ? t('audit.notTaken') : undefined}>{t('audit.take')}</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => window.print()}>{t('audit.print')}</Menu.Item>
        <Menu.Item onClick={() => void take('html')}>{t('audit.takeHtml')}</Menu.Item>
        <Menu.Item onClick={() => void take('json')}>{t('audit.takeJson')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
