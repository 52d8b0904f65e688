import type { TFunction } from 'i18next';
import type { Problem } from '@/api/problem';
import { fieldText } from './field-text';

/** A problem as a sentence in the reader's language: by its code where the catalogue has it, else in the service's words. */
export function problemText(t: TFunction, problem: Problem): string {
  const fields = problem.fields ?? [];
  if (problem.code === 'permission_missing') return t('problem.permission_missing', { permission: fields[0]?.message ?? '' });
  if (problem.code === 'locked') return t('problem.locked', { minutes: Math.max(1, Math.ceil((problem.retryAfter ?? 60) / 60)) });
  if (problem.status === 429) return t('problem.throttled', { seconds: problem.retryAfter ?? 60 });
  const sentence = t(`problem.code.${problem.code}`, { defaultValue: problem.message });
  // A refusal of the business names its field in its sentence; of bad input the fields say what it is.
  const isInput = problem.status === 400 || problem.status === 422;
  if (!isInput || fields.length === 0) return sentence;
  return `${sentence} ${fields.map(({ field, message }) => `${field}: ${fieldText(t, message)}`).join(' · ')}`;
}
