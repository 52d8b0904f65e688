import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function PaymentsPage() {
  const { t } = useTranslation();
  return <Page title={t('payments.title')}>{null}</Page>;
}
