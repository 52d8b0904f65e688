import { createFileRoute } from '@tanstack/react-router';
import { SettingsPage } from '@/features/settings/SettingsPage';
import { upkeepWords } from '@/i18n';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/settings')({ validateSearch: keepText('tab', 'entity', 'month', 'rule'), beforeLoad: upkeepWords, component: SettingsPage });
