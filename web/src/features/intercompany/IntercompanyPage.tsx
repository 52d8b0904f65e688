import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function IntercompanyPage() {
  const { t } = useTranslation();
  return <Page title={t('intercompany.title')}>{null}</Page>;
}
