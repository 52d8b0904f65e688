import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** The reasons that the law knows for another rate than the usual one, with the rate that each is for. */
const VAT_REASONS = [
  ['renovation', '10'],
  ['energy_saving', '5.5'],
  ['subcontracting', '0'],
  ['services_abroad', '0'],
  ['intra_community', '0'],
  ['export', '0'],
  ['outside_union', '0'],
  ['medical', '0'],
  ['training', '0'],
  ['insurance', '0'],
  ['franchise', '0'],
] as const;

/** The reasons to choose from; those for one rate where it is told. */
export function useVatReasons(rate?: string): { value: string; label: string }[] {
  const { t } = useTranslation();
  return useMemo(() => VAT_REASONS.filter(([, of]) => rate === undefined || of === rate).map(([value]) => ({ value, label: t(`invoices.vatReasons.${value}`) })), [t, rate]);
}
