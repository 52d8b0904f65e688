import { useTranslation } from 'react-i18next';
import { Side } from '@/ui/overlays';
import { Sidebar } from './Sidebar';

/** The menu on a phone. */
export function MenuDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Side onClose={onClose} position="left" size="16rem" padding={0} withCloseButton={false} attributes={{ content: { 'aria-label': t('shell.menu') } }}>
      <Sidebar onNavigate={onClose} />
    </Side>
  );
}
