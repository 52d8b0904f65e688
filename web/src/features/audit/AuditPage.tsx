import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditReport, AuditState } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Page } from '@/ui/layout';
import { useForPaper } from '@/ui/paper';
import { Loaded } from '@/ui/states';
import { AuditActions } from './AuditActions';
import { Changes } from './Changes';
import { Checks } from './Checks';
import { Filters } from './Filters';
import { Findings } from './Findings';
import { linesNow, linesOf, matching } from './model';
import { useAudit, useRun, useRuns } from './queries';
import { Radius } from './Radius';
import { Score } from './Score';
import { Sections } from './Sections';
import { UnderWay } from './UnderWay';

const route = getRouteApi('/_app/audit');

export interface AuditSearch {
  section?: string;
  severity?: string;
  state?: string;
  run?: string;
  check?: string;
}

/** How the installation stands, or stood when one audit ran: findings first, with their evidence and how to mend them. */
export function AuditPage() {
  const { t } = useTranslation();
  const { run } = route.useSearch();
  const audit = useAudit();
  const report = useRun(run);
  useForPaper();
  const chosen = run === undefined ? undefined : report.data;
  return (
    <Page title={chosen ? t('audit.of', { at: formatInstant(chosen.finished_at) }) : t('audit.title')} about={t('audit.about')} actions={<AuditActions audit={audit.data} />}>
      <UnderWay asked={audit.data?.asked} />
      <Loaded query={audit} height={640}>
        {(state) => (run === undefined ? <Report state={state} report={undefined} /> : <Loaded query={report} height={640}>{(one) => <Report state={state} report={one} />}</Loaded>)}
      </Loaded>
    </Page>
  );
}

function Report({ state, report }: { state: AuditState; report: AuditReport | undefined }) {
  const search = route.useSearch();
  const patch = usePatchSearch<AuditSearch>();
  const runs = useRuns().data?.items ?? [];
  const lines = report ? linesOf(report.results, report.finished_at, state.checks) : linesNow(state.checks);
  const shown = matching(lines, search);
  const { check } = search;
  useEffect(() => {
    if (check) document.getElementById(check)?.scrollIntoView({ block: 'center' });
  }, [check]);
  return (
    <>
      <Score score={report ? report.score : state.score} counts={report ?? state} lines={lines} runs={runs} chosen={report?.id} onPick={(id) => patch({ run: id, check: undefined })} />
      <Sections lines={lines} chosen={search.section} onChoose={(section) => patch({ section })} />
      <Filters search={search} patch={patch} />
      <Findings lines={shown} all={lines} isFiltered={shown.length < lines.length} marked={check} />
      <Changes runs={runs} chosen={report?.id} checks={state.checks} />
      <Checks lines={shown} marked={check} />
      {(search.section ?? 'architecture') === 'architecture' && <Radius />}
    </>
  );
}
