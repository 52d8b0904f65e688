import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function BankPage() {
  const { t } = useTranslation();
  return <Page title={t('bank.title')}>{null}</Page>;
}
