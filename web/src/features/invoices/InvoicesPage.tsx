import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function InvoicesPage() {
  const { t } = useTranslation();
  return <Page title={t('invoices.title')}>{null}</Page>;
}
