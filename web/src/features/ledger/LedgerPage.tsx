import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/layout';

export function LedgerPage() {
  const { t } = useTranslation();
  return <Page title={t('books.title')}>{null}</Page>;
}
