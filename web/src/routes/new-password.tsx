import { createFileRoute } from '@tanstack/react-router';
import { whoIs } from '@/app/session';
import { NewPassword } from '@/features/account/NewPassword';
import { innerPath } from '@/lib/inner-path';

export const Route = createFileRoute('/new-password')({
  // Only a path of this console: never a way to somewhere else.
  validateSearch: (search: Record<string, unknown>): { back?: string } => ({ back: innerPath(search.back) }),
  beforeLoad: ({ context, location }) => whoIs(context.queryClient, location.href),
  component: NewPassword,
});
