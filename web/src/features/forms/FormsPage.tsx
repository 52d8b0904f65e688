import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Form } from '@/api/schema';
import { useOneEntity } from '@/app/session';
import { usePatchSearch } from '@/lib/patch-search';
import { Page, Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import { type Column, onePage } from '@/ui/table/model';
import { FormDrawerOf } from './FormDrawerOf';

interface Row extends Form {
  code: string;
}

const route = getRouteApi('/_app/forms');

/** Which form belongs to which entity and product, from which pages it may be sent, and the line that puts it there. */
export function FormsPage() {
  const { t } = useTranslation();
  const { code } = route.useSearch();
  const patch = usePatchSearch<{ code: string }>();
  const oneEntity = useOneEntity();
  const config = api.useQuery('get', '/api/settings/forms-config', {});
  const rows = useMemo(() => Object.entries(config.data?.value.forms ?? {}).map(([name, form]): Row => ({ code: name, ...form })), [config.data]);
  const chosen = rows.find((row) => row.code === code);
  const create = <Button leftSection={<IconPlus size={14} />} disabled={!oneEntity} title={oneEntity ? undefined : t('common.oneEntity')} onClick={() => patch({ code: 'new' })}>{t('forms.new')}</Button>;
  const columns = useMemo<Column<Row>[]>(
    () => [
      { id: 'code', header: t('forms.code'), width: '9rem', cell: (row) => <strong className="mono">{row.code}</strong> },
      { id: 'entity', header: t('common.entity'), width: '5rem', cell: (row) => row.entity },
      { id: 'product', header: t('common.product'), width: '5rem', cell: (row) => row.produit },
      { id: 'origins', header: t('forms.origins'), width: 'minmax(10rem, 1fr)', wide: true, cell: (row) => (row.allowed_origins?.length ? row.allowed_origins.join(', ') : <Pill tone="warn">{t('forms.noOrigin')}</Pill>) },
      { id: 'consent', header: t('leads.consent'), width: '9rem', wide: true, cell: (row) => row.consent_by_contract && <Pill tone="info">{t('forms.byContract')}</Pill> },
    ],
    [t],
  );
  return (
    <Page fill title={t('forms.title')} about={t('forms.about')} actions={create}>
      <DataTable
        name="forms"
        label={t('forms.title')}
        columns={columns}
        pages={onePage({ ...config, data: config.data && rows })}
        rowId={(row) => row.code}
        onOpen={(row) => patch({ code: row.code })}
        empty={<Empty title={t('forms.empty')} action={create}>{t('forms.emptyAbout')}</Empty>}
      />
      {config.data && (chosen ?? code === 'new') && (
        <FormDrawerOf key={code} {...(chosen && { form: chosen, code: chosen.code })} taken={rows.map((row) => row.code)} version={config.data.version} onClose={() => patch({ code: undefined })} onMade={(made) => patch({ code: made })} />
      )}
    </Page>
  );
}
