import { Skeleton } from '@mantine/core';
import { type ComponentProps, lazy, Suspense } from 'react';
import type { FranceMap as Loaded } from './FranceMap';

export type { Shade } from './FranceMap';

// The outlines come when a map is drawn.
const Map = lazy(async () => ({ default: (await import('./FranceMap')).FranceMap }));

export function FranceMap(props: ComponentProps<typeof Loaded>) {
  return <Suspense fallback={<Skeleton style={{ aspectRatio: '613 / 585' }} />}><Map {...props} /></Suspense>;
}
