import type { AuditRun, CheckResult, CheckSeverity, CheckState, CheckStatus, FindingCounts, Section } from '@/api/schema';
import type { Tone } from '@/ui/layout';

/** A check as a line of the report: what it proves, and how it ended, if it was run. */
export interface Line {
  id: string;
  section: Section;
  severity: CheckSeverity;
  /** What the service says of it; a check that this version does not have any more says nothing. */
  check: CheckState | undefined;
  result: CheckResult | undefined;
  ranAt: string | undefined;
}

/** The parts in the order of the report. */
export const SECTIONS: readonly Section[] = ['architecture', 'endpoints', 'isolation', 'lifecycles', 'leads', 'money', 'jobs', 'schema', 'security', 'mail_domain', 'backups', 'capacity'];

/** The heaviest first. */
export const SEVERITIES: readonly CheckSeverity[] = ['critical', 'warning', 'info'];

export const SEVERITY_TONES: Record<CheckSeverity, Tone> = { critical: 'bad', warning: 'warn', info: 'info' };

/** How a line ended, for who filters. */
export type LineState = 'finding' | 'clean' | 'not_applicable' | 'not_run';
export const LINE_STATES: readonly LineState[] = ['finding', 'clean', 'not_applicable', 'not_run'];

/** How every check ended when it was last run. */
export function linesNow(checks: readonly CheckState[]): Line[] {
  return checks.map((check) => ({ id: check.id, section: check.section, severity: check.severity, check, result: check.result ?? undefined, ranAt: check.ran_at ?? undefined }));
}

/** How the checks of one run ended. */
export function linesOf(results: readonly CheckResult[], ranAt: string, checks: readonly CheckState[]): Line[] {
  return results.map((result) => {
    const check = checks.find((one) => one.id === result.id);
    // Its section is how its name begins.
    const section = check?.section ?? SECTIONS.find((one) => result.id.startsWith(`${one}.`)) ?? 'architecture';
    return { id: result.id, section, severity: check?.severity ?? 'warning', check, result, ranAt };
  });
}

/** Whether somebody must look: what was found, and what could not be proven. */
function isFinding(status: CheckStatus | undefined): boolean {
  return status === 'found' || status === 'failed';
}

export function stateOf({ result }: Line): LineState {
  if (!result) return 'not_run';
  if (isFinding(result.status)) return 'finding';
  return result.status === 'clean' ? 'clean' : 'not_applicable';
}

export interface LineFilter {
  section?: string | undefined;
  severity?: string | undefined;
  state?: string | undefined;
}

export function matching(lines: readonly Line[], { section, severity, state }: LineFilter): Line[] {
  return lines.filter((line) => (!section || line.section === section) && (!severity || line.severity === severity) && (!state || stateOf(line) === state));
}

/** The findings among them, the heaviest first. */
export function findingsOf(lines: readonly Line[]): Line[] {
  return lines.filter((line) => stateOf(line) === 'finding').toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

export function countOf(lines: readonly Line[], state: LineState): number {
  return lines.filter((line) => stateOf(line) === state).length;
}

/** A plain word about what was found; the score alone tells nobody what to do. */
export function wordOf(score: number | null | undefined, { critical, warning, info }: FindingCounts): 'none' | 'clean' | 'critical' | 'warning' | 'info' {
  if (score === null || score === undefined) return 'none';
  if (critical > 0) return 'critical';
  if (warning > 0) return 'warning';
  return info > 0 ? 'info' : 'clean';
}

export function toneOf(counts: FindingCounts): 'good' | 'warn' | 'bad' | 'accent' {
  if (counts.critical > 0) return 'bad';
  if (counts.warning > 0) return 'warn';
  return counts.info > 0 ? 'accent' : 'good';
}

/** The run that `run` is compared with: the next older one that looked at all that it looked at. */
export function runBefore(runs: readonly AuditRun[], run: AuditRun | undefined): AuditRun | undefined {
  if (!run) return undefined;
  const covers = (older: AuditRun) => older.sections.length === 0 || (run.sections.length > 0 && run.sections.every((section) => older.sections.includes(section)));
  return runs.slice(runs.findIndex((one) => one.id === run.id) + 1).find(covers);
}

export interface Changes {
  fresh: string[];
  healed: string[];
  still: string[];
}

/** What changed from one run to a later one: of the checks that both ran. */
export function changesBetween(before: readonly CheckResult[], after: readonly CheckResult[]): Changes {
  const was = new Map(before.map((result) => [result.id, isFinding(result.status)]));
  const both = after.filter((result) => was.has(result.id));
  const where = (then: boolean, now: boolean) => both.filter((result) => was.get(result.id) === then && isFinding(result.status) === now).map((result) => result.id);
  return { fresh: where(false, true), healed: where(true, false), still: where(true, true) };
}
