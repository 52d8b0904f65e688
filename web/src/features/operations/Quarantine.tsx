import { Code, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { QuarantineRow } from '@/api/schema';
import { formatBytes, formatInstant } from '@/lib/format';
import { BY_CURSOR } from '@/lib/paged';
import { Facts } from '@/ui/layout';
import { Side } from '@/ui/overlays';
import { Empty, Loaded } from '@/ui/states';
import { DataTable } from '@/ui/table/DataTable';
import type { Column } from '@/ui/table/model';

/** What came in and could not be used: nothing is lost, and the reason stands beside it. */
export function Quarantine() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<QuarantineRow>();
  const rows = api.useInfiniteQuery('get', '/api/quarantine', { params: { query: {} } }, BY_CURSOR);
  const columns = useMemo<Column<QuarantineRow>[]>(
    () => [
      { id: 'reason', header: t('common.reason'), width: 'minmax(11rem, 2fr)', cell: (row) => row.reason },
      { id: 'route', header: t('operations.route'), width: 'minmax(8rem, 1fr)', wide: true, cell: (row) => <span className="mono">{row.route}</span> },
      { id: 'ip', header: t('operations.from'), width: '8rem', wide: true, cell: (row) => <span className="num">{row.ip}</span> },
      { id: 'size', header: t('operations.size'), width: '5rem', align: 'end', wide: true, cell: (row) => formatBytes(row.bytes) },
      { id: 'at', header: t('leads.received'), width: '8rem', cell: (row) => <span className="num">{formatInstant(row.received_at)}</span> },
    ],
    [t],
  );
  return (
    <>
      <DataTable name="quarantine" label={t('operations.tabs.quarantine')} columns={columns} pages={rows} rowId={(row) => row.id} onOpen={setOpen} empty={<Empty title={t('operations.noQuarantine')}>{t('operations.noQuarantineAbout')}</Empty>} />
      {open && <Payload row={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Payload({ row, onClose }: { row: QuarantineRow; onClose: () => void }) {
  const { t } = useTranslation();
  const payload = api.useQuery('get', '/api/quarantine/{id}', { params: { path: { id: row.id } } });
  return (
    <Side onClose={onClose} title={t('operations.payload')}>
      <Loaded query={payload}>
        {(view) => (
          <Stack>
            <Facts facts={[[t('common.reason'), view.reason], [t('operations.route'), view.route], [t('operations.from'), view.ip], [t('leads.received'), formatInstant(view.received_at, 'precise')]]} />
            <Code block tabIndex={0}>{view.body}</Code>
          </Stack>
        )}
      </Loaded>
    </Side>
  );
}
