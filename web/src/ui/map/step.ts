import type { Shade } from './FranceMap';

/** Puts a value on one of five steps between nothing and the largest. */
export function step(value: number, largest: number): Shade['level'] {
  if (value <= 0 || largest <= 0) return 0;
  return Math.max(1, Math.min(5, Math.ceil((5 * value) / largest))) as Shade['level'];
}
