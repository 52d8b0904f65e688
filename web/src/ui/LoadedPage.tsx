import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { Page, Panel } from './layout';
import { Empty, ProblemBox } from './states';

/** The page of one thing: its shape while it loads, what went wrong, or that it is not there, with the way back to its list. */
export function LoadedPage<T>({ query, list, children }: {
  query: Pick<UseQueryResult<T, unknown>, 'data' | 'isError' | 'error'> & { refetch: () => unknown };
  list: { link: LinkProps; title: string };
  children: (data: T) => ReactNode;
}) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (!query.isError) return <Page title={<Skeleton h={26} w={180} />}><Skeleton h={420} radius="lg" /></Page>;
  if (Problem.from(query.error).status !== 404) return <Page title={list.title}><ProblemBox error={query.error} retry={() => void query.refetch()} /></Page>;
  return <Page title={list.title}><Panel><Empty title={t('common.notFound')} action={<Link {...list.link}>{list.title}</Link>}>{t('common.notFoundAbout')}</Empty></Panel></Page>;
}
