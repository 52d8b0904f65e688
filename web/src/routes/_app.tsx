import { createFileRoute, redirect } from '@tanstack/react-router';
import { settleScope, whoIs } from '@/app/session';
import { Shell } from '@/app/shell/Shell';

export const Route = createFileRoute('/_app')({
  beforeLoad: async ({ context, location }) => {
    const who = await whoIs(context.queryClient, location.href);
    if (who.user.must_change_password) throw redirect({ to: '/new-password', search: { back: location.href } });
    settleScope(who);
  },
  component: Shell,
});
