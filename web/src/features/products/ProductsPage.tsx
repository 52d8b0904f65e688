import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function ProductsPage() {
  const { t } = useTranslation();
  return <Page title={t('products.title')}>{null}</Page>;
}
