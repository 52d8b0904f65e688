import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { problemText } from './problem-text';
import css from './layout.module.css';

/** Nothing here yet: what it means, and what to do next. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Something that went wrong, in words of its own. */
export function Alarm({ retry, children }: { retry?: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={css.problem} role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div className={css.problemText}>{children}</div>
      {retry !== undefined && <Button variant="default" onClick={retry}>{t('common.retry')}</Button>}
    </div>
  );
}

/** A failure in words, with the request's id and a way to try again. */
export function ProblemBox({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const problem = Problem.from(error);
  return (
    <Alarm {...(retry && { retry })}>
      <div>{problemText(t, problem)}</div>
      {problem.requestId !== undefined && problem.status >= 500 && <div className="muted">{t('problem.reference', { id: problem.requestId })}</div>}
    </Alarm>
  );
}

/** Draws a query: its shape while it loads, its failure with a retry, then its data. */
export function Loaded<T>({ query, height = 160, children }: { query: Pick<UseQueryResult<T, unknown>, 'data' | 'isError' | 'error'> & { refetch: () => unknown }; height?: number; children: (data: T) => ReactNode }) {
  // Drawn in slices: much may come at once.
  const data = useDeferredValue(query.data, undefined);
  if (query.data !== undefined && data !== undefined) return children(data);
  if (query.isError && query.data === undefined) return <ProblemBox error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton h={height} radius="md" />;
}
