import { Button, Group } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ProviderView, ProviderWithKey } from '@/api/schema';
import { useScope } from '@/api/scope';
import { useOutcome } from '@/app/outcome';
import { useEntity, useOneEntity } from '@/app/session';
import { formatInstant, formatNumber } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { ConfirmButton } from '@/ui/confirm';
import { Page, Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';
import { KeyDialog } from './KeyDialog';
import { ProviderForm } from './ProviderForm';

/** Outside sources that push leads with a key. */
export function ProvidersPage() {
  const { t } = useTranslation();
  const entity = useEntity();
  const [editing, setEditing] = useState<ProviderView | 'new'>();
  const [made, setMade] = useState<ProviderWithKey>();
  const providers = api.useInfiniteQuery('get', '/api/providers', { params: { query: { entity: useScope() } } }, BY_CURSOR);
  const create = <Button leftSection={<IconPlus size={14} />} disabled={!entity} title={entity ? undefined : t('common.oneEntity')} onClick={() => setEditing('new')}>{t('providers.new')}</Button>;
  const columns = useMemo<Column<ProviderView>[]>(
    () => [
      { id: 'name', header: t('common.name'), width: 'minmax(9rem, 1.2fr)', cell: (one) => <strong>{one.name}</strong> },
      { id: 'slug', header: t('providers.slug'), width: 'minmax(6rem, 0.8fr)', wide: true, cell: (one) => <span className="mono">{one.slug}</span> },
      { id: 'entity', header: t('common.entity'), width: '4rem', cell: (one) => one.entity },
      { id: 'state', header: t('common.status'), width: '6.5rem', cell: (one) => <Pill tone={one.archived_at ? 'neutral' : one.active ? 'good' : 'warn'}>{t(one.archived_at ? 'common.archived' : one.active ? 'common.active' : 'common.inactive')}</Pill> },
      { id: 'total', header: t('nav.leads'), width: '5rem', align: 'end', wide: true, cell: (one) => formatNumber(one.total_leads) },
      { id: 'refused', header: t('providers.refused'), width: '5.5rem', align: 'end', wide: true, cell: (one) => formatNumber(one.refused) },
      { id: 'rate', header: t('providers.rate'), width: '6rem', align: 'end', wide: true, cell: (one) => formatNumber(one.rate_per_minute) },
      { id: 'created', header: t('common.created'), width: '7rem', wide: true, cell: (one) => <span className="num">{formatInstant(one.created_at, 'date')}</span> },
      { id: 'actions', header: t('common.actions'), width: '9.5rem', cell: (one) => <RowActions provider={one} onKey={setMade} /> },
    ],
    [t],
  );
  return (
    <Page fill title={t('providers.title')} about={t('providers.about')} actions={create}>
      <DataTable name="providers" label={t('providers.title')} columns={columns} pages={providers} rowId={(one) => one.id} onOpen={setEditing} empty={<Empty title={t('providers.empty')} action={create}>{t('providers.emptyAbout')}</Empty>} />
      {editing && <ProviderForm {...(editing !== 'new' && { provider: editing })} onClose={() => setEditing(undefined)} onKey={setMade} />}
      {made && <KeyDialog provider={made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}

function RowActions({ provider, onKey }: { provider: ProviderView; onKey: (made: ProviderWithKey) => void }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const outcome = useOutcome();
  const rotate = api.useMutation('post', '/api/providers/{id}/rotate-key', {
    ...outcome,
    onSuccess: async (made) => {
      onKey(made);
      await outcome.onSuccess();
    },
  });
  if (provider.archived_at) return null;
  return (
    <Group gap="xs">
      <ConfirmButton label={t('providers.rotate')} title={t('providers.rotateTitle', { name: provider.name })} icon={<IconKey size={14} />} disabled={!oneEntity} loading={rotate.isPending} onConfirm={() => rotate.mutate({ params: { path: { id: provider.id } } })}>
        {t('providers.rotateAbout')}
      </ConfirmButton>
    </Group>
  );
}
