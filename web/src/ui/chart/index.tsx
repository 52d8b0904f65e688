import { Skeleton } from '@mantine/core';
import { type ComponentProps, lazy, Suspense } from 'react';
import type { WeekBars as Loaded } from './WeekBars';

// Charts are heavy: they come when one is drawn, and the page does not wait or move.
const Chart = lazy(async () => ({ default: (await import('./WeekBars')).WeekBars }));

export function WeekBars(props: ComponentProps<typeof Loaded>) {
  const height = props.height ?? 220;
  return <div style={{ minHeight: height }}><Suspense fallback={<Skeleton h={height} />}><Chart {...props} /></Suspense></div>;
}
