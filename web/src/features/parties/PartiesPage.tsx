import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function PartiesPage() {
  const { t } = useTranslation();
  return <Page title={t('parties.title')}>{null}</Page>;
}
