import { Kbd, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dialog } from '@/ui/overlays';
import type { Destination } from './navigation';

export function KeyList({ pages, onClose }: { pages: readonly Destination[]; onClose: () => void }) {
  const { t } = useTranslation();
  const keys: [string, string][] = [
    ['Ctrl K', t('shell.search')],
    ['?', t('keys.help')],
    ['J / K', t('keys.move')],
    ['Enter', t('keys.open')],
    ['X', t('keys.select')],
    ...pages.map((page): [string, string] => [`G ${page.shortcut.toUpperCase()}`, t(`nav.${page.key}`)]),
  ];
  return (
    <Dialog onClose={onClose} title={t('keys.title')}>
      <Table>
        <Table.Tbody>
          {keys.map(([key, what]) => (
            <Table.Tr key={key}><Table.Td w={110}><Kbd>{key}</Kbd></Table.Td><Table.Td>{what}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  );
}
