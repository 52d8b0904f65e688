import { createFileRoute } from '@tanstack/react-router';
import { FormsPage } from '@/features/forms/FormsPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/forms')({ validateSearch: keepText('code'), component: FormsPage });
