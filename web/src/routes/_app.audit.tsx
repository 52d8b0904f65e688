import { createFileRoute } from '@tanstack/react-router';
import { AuditPage } from '@/features/audit/AuditPage';
import { auditWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/audit')({ validateSearch: keepText('section', 'severity', 'state', 'run', 'check'), beforeLoad: auditWords, component: AuditPage });
