import { createFileRoute } from '@tanstack/react-router';
import { SettingsPage } from '@/features/settings/SettingsPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/settings')({ validateSearch: keepText('tab', 'entity', 'month'), component: SettingsPage });
