import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FilterSelect } from '@/ui/filters';
import { Toolbar } from '@/ui/layout';
import type { AuditSearch } from './AuditPage';
import { LINE_STATES, SECTIONS, SEVERITIES } from './model';

export function Filters({ search, patch }: { search: AuditSearch; patch: (change: { [K in keyof AuditSearch]?: string | undefined }) => void }) {
  const { t } = useTranslation();
  const { section, severity, state } = search;
  return (
    <Toolbar label={t('leads.filters')}>
      <FilterSelect label={t('audit.sections')} value={section} options={SECTIONS.map((value) => ({ value, label: t(`audit.section.${value}`) }))} onChange={(value) => patch({ section: value })} width={190} />
      <FilterSelect label={t('audit.severityLabel')} value={severity} options={SEVERITIES.map((value) => ({ value, label: t(`audit.severity.${value}`) }))} onChange={(value) => patch({ severity: value })} />
      <FilterSelect label={t('audit.stateLabel')} value={state} options={LINE_STATES.map((value) => ({ value, label: t(`audit.state.${value}`) }))} onChange={(value) => patch({ state: value })} width={170} />
      {(section ?? severity ?? state) && <Button variant="subtle" color="gray" onClick={() => patch({ section: undefined, severity: undefined, state: undefined })}>{t('common.clear')}</Button>}
    </Toolbar>
  );
}
