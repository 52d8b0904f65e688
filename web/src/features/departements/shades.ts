import type { TFunction } from 'i18next';
import type { CoverageStatus, OverviewRow } from '@/api/schema';
import { formatNumber } from '@/lib/format';
import type { Shade } from '@/ui/map';
import { step } from '@/ui/map/step';

/** What the map can be shaded by. */
export const SHADES = ['produced', 'billable', 'remaining', 'status'] as const;

export interface Place {
  departement: string;
  name: string;
  produced: number;
  billable: number;
  /** Units still wanted; -1 where any order is uncapped. */
  remaining: number;
  status: CoverageStatus;
}

/** The better of two states: a département is open where any of its products is. */
const RANK: CoverageStatus[] = ['no_order', 'inactive_blocked', 'saturated', 'on_remaining'];

/** The rows of a département's products as one. */
export function placesOf(rows: readonly OverviewRow[]): Place[] {
  const places = new Map<string, Place>();
  for (const row of rows) {
    const place = places.get(row.departement);
    if (!place) {
      places.set(row.departement, { ...row });
      continue;
    }
    place.produced += row.produced;
    place.billable += row.billable;
    place.remaining = place.remaining < 0 || row.remaining < 0 ? -1 : place.remaining + row.remaining;
    if (RANK.indexOf(row.status) > RANK.indexOf(place.status)) place.status = row.status;
  }
  return [...places.values()];
}

const TONES: Record<CoverageStatus, Shade['tone']> = { on_remaining: 'good', saturated: 'warn', inactive_blocked: 'bad', no_order: undefined };

/** The colour and the label of each place. */
export function shade(t: TFunction, places: readonly Place[], by: (typeof SHADES)[number]): Map<string, Shade> {
  const value = (place: Place) => (by === 'status' ? 0 : place[by]);
  const largest = Math.max(...places.map(value), 1);
  return new Map(
    places.map((place): [string, Shade] => {
      if (by === 'status') return [place.departement, { level: place.status === 'no_order' ? 0 : 4, tone: TONES[place.status], text: t(`departements.status.${place.status}`) }];
      if (by === 'remaining' && place.remaining < 0) return [place.departement, { level: 5, text: t('common.unlimited') }];
      return [place.departement, { level: step(value(place), largest), text: `${t(`departements.by.${by}`)} ${formatNumber(value(place))}` }];
    }),
  );
}
