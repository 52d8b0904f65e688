import type { TFunction } from 'i18next';
import type { Problem } from '@/api/problem';

/** A problem as a sentence in the reader's language: by its code where we know it, else by its class and the service's own words. */
export function problemText(t: TFunction, problem: Problem): string {
  if (problem.code === 'permission_missing') {
    return t('problem.permission_missing', { permission: problem.fields?.[0]?.message ?? '' });
  }
  if (problem.code === 'throttled') return t('problem.throttled', { seconds: problem.retryAfter ?? 60 });
  const known = t(`problem.code.${problem.code}` as 'problem.code.offline', { defaultValue: '' });
  const fields = (problem.fields ?? []).map((field) => `${field.field}: ${field.message}`).join(' · ');
  if (known !== '') return fields === '' ? known : `${known} ${fields}`;
  return fields === '' ? problem.message : `${problem.message} ${fields}`;
}
