import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Numbering, NumberSeriesView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { fieldText } from '@/ui/field-text';
import { Panel } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';
import css from '../settings.module.css';

const TYPING_MS = 250;

/** How an entity writes the numbers of its documents: each series by itself, with the number that comes next. */
export function Numbers({ stored }: { stored: Numbering }) {
  const { t } = useTranslation();
  return (
    <Panel title={`${t('billingSettings.numbers')} · ${stored.entity}`}>
      <div className="muted">{t('billingSettings.numbersAbout')}</div>
      {stored.series.map((series) => <Series key={`${series.series} ${series.pattern}`} entity={stored.entity} version={stored.version} series={series} />)}
    </Panel>
  );
}

function Series({ entity, version, series }: { entity: string; version: number; series: NumberSeriesView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const mayChange = oneEntity && series.can_change;
  const form = useForm({ initialValues: { pattern: series.pattern } });
  const typed = form.values.pattern.trim();
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const changed = typed !== series.pattern;
  const preview = api.useQuery('get', '/api/billing/numbering/preview', { params: { query: { entity, series: series.series, pattern: settled } } }, { enabled: changed && settled !== '' && settled !== series.pattern, retry: false, placeholderData: keepPreviousData });
  const save = api.useMutation('put', '/api/billing/numbering/{series}', useOutcome({ done: t('common.saved'), quiet: true }));
  const put = (pattern: string | null) => save.mutate({ params: { path: { series: series.series } }, body: { entity, pattern, version } });
  const refused = changed ? (saidOf(save.error) ?? (settled === typed ? saidOf(preview.error) : undefined)) : undefined;
  const next = changed && preview.data && !preview.isError ? preview.data.next_number : series.next_number;
  const label = t(`billingSettings.series.${series.series}`);
  return (
    <form className={css.series} onSubmit={form.onSubmit(() => put(typed))}>
      <TextInput
        label={label}
        disabled={!oneEntity}
        readOnly={!series.can_change}
        variant={series.can_change ? 'default' : 'filled'}
        classNames={{ input: 'mono' }}
        spellCheck={false}
        {...form.getInputProps('pattern')}
        error={refused && fieldText(t, refused)}
        onChange={(event) => {
          save.reset();
          form.setFieldValue('pattern', event.currentTarget.value);
        }}
      />
      <div className={css.next} aria-live="polite">{refused === undefined && <>{t('billingSettings.next', { number: '' })}<strong className="mono">{next}</strong></>}</div>
      <Group gap="xs" className={css.acts ?? ''}>
        {!series.can_change && <span className="muted">{t('billingSettings.inUse')}</span>}
        {changed && <Button type="submit" loading={save.isPending} disabled={typed === '' || refused !== undefined}>{t('common.save')}</Button>}
        {changed && <Button variant="default" onClick={() => form.reset()}>{t('common.cancel')}</Button>}
        {!changed && series.is_own && mayChange && <Button variant="subtle" size="compact-sm" loading={save.isPending} onClick={() => put(null)}>{t('billingSettings.usual')}</Button>}
      </Group>
      {save.error && saidOf(save.error) === undefined && <ProblemBox error={save.error} />}
    </form>
  );
}

/** What the service says of the pattern, if it says anything. */
function saidOf(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  return Problem.from(error).fields?.find(({ field }) => field === 'pattern')?.message;
}
