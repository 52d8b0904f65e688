import { createFileRoute } from '@tanstack/react-router';
import { AlertsPage } from '@/features/alerts/AlertsPage';
import { auditWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/alerts')({ validateSearch: keepText('tab', 'state', 'severity', 'kind', 'subject', 'alert'), beforeLoad: auditWords, component: AlertsPage });
