import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Sidebar } from './Sidebar';

/** The menu on a phone. */
export function MenuDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened onClose={onClose} size="16rem" padding={0} withCloseButton={false} aria-label={t('shell.menu')}>
      <Sidebar onNavigate={onClose} />
    </Drawer>
  );
}
