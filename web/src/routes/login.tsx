import { createFileRoute } from '@tanstack/react-router';
import { Login } from '@/features/account/Login';
import { innerPath } from '@/lib/inner-path';

export const Route = createFileRoute('/login')({
  // Only a path of this console: never a way to somewhere else.
  validateSearch: (search: Record<string, unknown>): { back?: string } => ({ back: innerPath(search.back) }),
  component: Login,
});
