import type { UseFormReturnType } from '@mantine/form';
import { Problem } from '@/api/problem';

/** The place in a form that a field of the service has: a field of its own within a list, else the field of the form that holds it. */
function placeOf(values: Record<string, unknown>, field: string): string | undefined {
  const parts = field.split('.');
  const [first = ''] = parts;
  if (!(first in values)) return undefined;
  let within: unknown = values;
  for (const part of parts) {
    if (typeof within !== 'object' || within === null || !(part in within)) return first;
    within = (within as Record<string, unknown>)[part];
  }
  return field;
}

/**
 * Shows what the service says of single fields at these fields. `rename` gives a field of the service its name in the form. True
 * when all of it found its place.
 */
export function showFieldErrors<T extends Record<string, unknown>>(form: UseFormReturnType<T>, error: unknown, say: (message: string) => string = (message) => message, rename: (field: string) => string = (field) => field): boolean {
  const fields = Problem.from(error).fields ?? [];
  const known = fields.map(({ field, message }) => ({ place: placeOf(form.getValues(), rename(field)), message })).filter(({ place }) => place !== undefined);
  for (const { place, message } of known) form.setFieldError(place as string, say(message));
  return fields.length > 0 && known.length === fields.length;
}
