import { Skeleton } from '@mantine/core';
import { createRouter, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Gate } from '@/features/account/Gate';
import { parseSearch, stringifySearch } from '@/lib/address';
import { routeTree } from '@/routeTree.gen';
import { Page } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';
import { onSessionLack, queryClient } from './query-client';

function Failed({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <Page title={t('common.failed')}><ProblemBox error={error} retry={retry} /></Page>;
}

function Missing() {
  const { t } = useTranslation();
  return <Gate title={t('common.notFound')}><p className="muted">{t('common.notFoundAbout')}</p><Link to="/">{t('common.home')}</Link></Gate>;
}

function Pending() {
  return <Page title={<Skeleton h={26} w={180} />}><Skeleton h={320} radius="lg" /></Page>;
}

export const router = createRouter({
  routeTree,
  context: { queryClient },
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  // A page that is there is shown, however short a time its shape was.
  defaultPendingMinMs: 0,
  scrollRestoration: true,
  scrollToTopSelectors: ['#main'],
  defaultErrorComponent: Failed,
  defaultNotFoundComponent: Missing,
  defaultPendingComponent: Pending,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** To where the session gets what it lacks, and from there to where one was. */
onSessionLack((lack) => {
  const { pathname, href } = router.state.location;
  const to = lack === 'signIn' ? '/login' : '/new-password';
  if (pathname === '/login' || pathname === to) return;
  void router.navigate({ to, search: { back: href }, replace: true });
});
