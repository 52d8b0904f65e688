import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function BillingPage() {
  const { t } = useTranslation();
  return <Page title={t('billing.title')}>{null}</Page>;
}
