import { createFileRoute } from '@tanstack/react-router';
import { UsersPage } from '@/features/users/UsersPage';
import { keepText } from '@/lib/search';

export const Route = createFileRoute('/_app/users')({ validateSearch: keepText('search'), component: UsersPage });
