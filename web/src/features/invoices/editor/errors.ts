import type { UseFormReturnType } from '@mantine/form';
import type { TFunction } from 'i18next';
import { showFieldErrors } from '@/app/field-errors';
import { fieldText } from '@/ui/field-text';
import type { EditorValues } from './model';

/** The field of a line that shows what is said of one that it has not. */
const SHOWN_AT: Record<string, string> = { rate: 'vat_rate', vat_category: 'vat_rate', reason: 'vat_reason', category: 'vat_rate', item: 'name', revenue_role: 'name', supply_from: 'name', supply_to: 'name', vat_number: 'vat_rate', is_consumer: 'vat_rate' };

/** Shows what the service says of a line at the field of that line. True when all of it found its place. */
export function showErrors(form: UseFormReturnType<EditorValues>, error: unknown, places: readonly number[], t: TFunction): boolean {
  const rename = (field: string) => {
    const [list, at, ...rest] = field.split('.');
    if (list !== 'lines' || at === undefined) return field;
    const name = rest.at(-1) ?? 'name';
    return `lines.${places[Number(at)] ?? at}.${SHOWN_AT[name] ?? name}`;
  };
  return showFieldErrors(form, error, (message) => fieldText(t, message), rename);
}
