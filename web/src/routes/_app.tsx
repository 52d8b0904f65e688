import { createFileRoute, redirect } from '@tanstack/react-router';
import { Problem } from '@/api/problem';
import { settleScope, whoQuery } from '@/app/session';
import { Shell } from '@/app/shell/Shell';

export const Route = createFileRoute('/_app')({
  beforeLoad: async ({ context, location }) => {
    try {
      settleScope(await context.queryClient.ensureQueryData(whoQuery));
    } catch (error) {
      if (Problem.from(error).status === 401) throw redirect({ to: '/login', search: { back: location.href } });
      throw error;
    }
  },
  component: Shell,
});
