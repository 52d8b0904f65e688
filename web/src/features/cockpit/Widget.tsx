import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WidgetError } from '@/api/schema';
import { Alarm } from '@/ui/states';

/** One part of a dashboard, which fails alone. */
export function Widget<T>({ value, failed, retry, children }: { value: T | null | undefined; failed: WidgetError | undefined; retry: () => void; children: (value: T) => ReactNode }) {
  const { t } = useTranslation();
  if (value !== null && value !== undefined) return children(value);
  return <Alarm retry={retry}>{failed?.message ?? t('cockpit.widgetFailed')}</Alarm>;
}
