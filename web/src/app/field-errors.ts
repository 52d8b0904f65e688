import type { UseFormReturnType } from '@mantine/form';
import { Problem } from '@/api/problem';

/** Shows what the service says of single fields at these fields. True when all of it found its place. */
export function showFieldErrors<T extends Record<string, unknown>>(form: UseFormReturnType<T>, error: unknown): boolean {
  const fields = Problem.from(error).fields ?? [];
  const known = fields.filter(({ field }) => field.split('.')[0] !== undefined && (field.split('.')[0] as string) in form.getValues());
  for (const { field, message } of known) form.setFieldError(field.split('.')[0] as string, message);
  return fields.length > 0 && known.length === fields.length;
}
