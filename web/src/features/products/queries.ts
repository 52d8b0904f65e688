import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { language } from '@/i18n';

const DAY_MS = 24 * 60 * 60_000;

export function useItems() {
  return api.useQuery('get', '/api/products', {});
}

/** The units of measure, by their names. */
export function useUnits(): { value: string; label: string }[] {
  const { i18n } = useTranslation();
  const units = api.useQuery('get', '/api/units', {}, { staleTime: DAY_MS });
  return useMemo(() => (units.data ?? []).map(({ code, fr, en }) => ({ value: code, label: i18n.language === 'en' ? en : fr })), [units.data, i18n.language]);
}

/** What people call a unit, by its code. */
export function useUnitNames(): (code: string) => string {
  const units = useUnits();
  const names = useMemo(() => new Map(units.map(({ value, label }) => [value, label])), [units]);
  return useCallback((code) => names.get(code) ?? code, [names]);
}

/** The rates of VAT that can be asked for in France, the usual one first. */
export function useVatRates(): { value: string; label: string }[] {
  const rates = api.useQuery('get', '/api/vat-rates', {}, { staleTime: DAY_MS });
  return useMemo(() => (rates.data ?? []).map(({ rate }) => ({ value: rate, label: language() === 'fr' ? `${rate.replace('.', ',')} %` : `${rate}%` })), [rates.data]);
}
