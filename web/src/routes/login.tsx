import { createFileRoute } from '@tanstack/react-router';
import { Login } from '@/features/account/Login';

export const Route = createFileRoute('/login')({
  validateSearch: (search: Record<string, unknown>): { back?: string } =>
    // Only a path of this console: never a way to somewhere else.
    typeof search.back === 'string' && /^\/(?![/\\])/.test(search.back) ? { back: search.back } : { back: undefined },
  component: Login,
});
