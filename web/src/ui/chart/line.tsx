import { Skeleton } from '@mantine/core';
import { type ComponentProps, lazy, Suspense } from 'react';
import type { TimeLine as Loaded } from './TimeLine';

// As the columns in index.tsx: it comes when one is drawn, and who draws columns need not load it.
const Line = lazy(async () => ({ default: (await import('./TimeLine')).TimeLine }));

export function TimeLine(props: ComponentProps<typeof Loaded>) {
  const height = props.height ?? 140;
  return <div style={{ minHeight: height }}><Suspense fallback={<Skeleton h={height} />}><Line {...props} /></Suspense></div>;
}
