import { createInstance } from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AuditRun, CheckResult, CheckState, CheckStatus } from '@/api/schema';
import { aboutText, conditionText, rhythmText } from '@/features/alerts/texts';
import { changesBetween, findingsOf, linesNow, linesOf, matching, runBefore, stateOf, wordOf } from '@/features/audit/model';
import { checkText } from '@/features/audit/texts';
import { chosenOf, cronOf } from '@/features/settings/alerts/rhythm';
import en from '@/i18n/en';
import enAudit from '@/i18n/en/audit';
import fr from '@/i18n/fr';
import frAudit from '@/i18n/fr/audit';
import { formatMoney } from '@/lib/format';
import { fieldText } from '@/ui/field-text';

const english = createInstance();
const french = createInstance();
beforeAll(async () => {
  await english.init({ lng: 'en', resources: { en: { translation: { ...en, ...enAudit } } }, interpolation: { escapeValue: false } });
  await french.init({ lng: 'fr', resources: { fr: { translation: { ...fr, ...frAudit } } }, interpolation: { escapeValue: false } });
});

function result(id: string, status: CheckStatus): CheckResult {
  return { id, status, examined: 3, found: status === 'found' ? 1 : 0, evidence: [], ms: 2 };
}

function check(id: string, severity: CheckState['severity'], last?: CheckResult): CheckState {
  const section = id.split('.')[0] as CheckState['section'];
  return { id, section, severity, proves: `${id} holds.`, how: 'every row', mend: 'Mend it.', ...(last && { result: last, ran_at: '2026-02-11T05:30:00Z' }) };
}

function run(id: string, sections: AuditRun['sections'] = []): AuditRun {
  return { id, cause: 'schedule', asked_by: 'schedule', sections, started_at: '2026-02-11T05:30:00Z', finished_at: '2026-02-11T05:30:09Z', score: 100, checks: 3, critical: 0, warning: 0, info: 0 };
}

describe('the lines of the report', () => {
  const checks = [check('money.lettering', 'warning', result('money.lettering', 'failed')), check('money.entries_balance', 'critical', result('money.entries_balance', 'found')), check('jobs.leases', 'info', result('jobs.leases', 'clean')), check('schema.drift', 'critical'), check('isolation.read_across', 'critical', result('isolation.read_across', 'not_applicable'))];

  test('say of each check how it ended: what could not be run is a finding, what was not run is none', () => {
    expect(linesNow(checks).map(stateOf)).toEqual(['finding', 'finding', 'clean', 'not_run', 'not_applicable']);
  });

  test('put findings first, the heaviest before the others', () => {
    expect(findingsOf(linesNow(checks)).map(({ id }) => id)).toEqual(['money.entries_balance', 'money.lettering']);
  });

  test('are chosen by part, weight and result', () => {
    const lines = linesNow(checks);
    expect(matching(lines, { section: 'money', severity: 'critical' })).toEqual([lines[1]]);
    expect(matching(lines, { state: 'not_run' })).toEqual([lines[3]]);
    expect(matching(lines, {})).toEqual(lines);
  });

  test('of an old run keep a check that this version does not have any more', () => {
    const [line] = linesOf([result('money.bygone', 'found')], '2026-01-01T05:30:00Z', checks);
    expect(line).toMatchObject({ section: 'money', severity: 'warning', check: undefined });
    expect(line && checkText(english.t, line, 'proves')).toBe('money.bygone');
  });

  test('speak the reader’s language, and the service’s where there are no words', () => {
    const [known, unknown] = linesNow([check('money.lettering', 'warning'), check('money.unheard_of', 'info')]);
    expect(known && checkText(french.t, known, 'proves')).toBe('Ce qui est lettré ensemble est soldé.');
    expect(known && checkText(english.t, known, 'how')).toBe('Every row');
    expect(unknown && checkText(french.t, unknown, 'mend')).toBe('Mend it.');
  });
});

test.each([
  [null, [0, 0, 0], 'none'],
  [100, [0, 0, 0], 'clean'],
  [99, [0, 0, 1], 'info'],
  [94, [0, 1, 1], 'warning'],
  [79, [1, 1, 1], 'critical'],
] as const)('a score of %s with findings %j is told as %s', (score, [critical, warning, info], word) => {
  expect(wordOf(score, { critical, warning, info })).toBe(word);
});

describe('two audits', () => {
  test('are compared by what came, what healed and what stayed, of the checks that both ran', () => {
    const before = [result('a.healed', 'found'), result('a.stays', 'failed'), result('a.comes', 'clean'), result('a.gone', 'found')];
    const after = [result('a.healed', 'clean'), result('a.stays', 'found'), result('a.comes', 'found'), result('a.new', 'found')];
    expect(changesBetween(before, after)).toEqual({ fresh: ['a.comes'], healed: ['a.healed'], still: ['a.stays'] });
  });

  test('are those that looked at the same: a part is no measure of the whole', () => {
    const runs = [run('now'), run('part', ['money']), run('older')];
    expect(runBefore(runs, runs[0])?.id).toBe('older');
    expect(runBefore(runs, runs[1])?.id).toBe('older');
    expect(runBefore(runs, runs[2])).toBeUndefined();
    expect(runBefore(runs, undefined)).toBeUndefined();
  });
});

describe('what an alert says', () => {
  const alert = { kind: 'x', subject_kind: 'document', subject: 'y', text: 'FA-1, 972 EUR', details: { number: 'FA-1', balance: '972', currency: 'EUR' } };

  test('is an amount in its currency, a check by what it proves, and otherwise the service’s words', () => {
    expect(aboutText(english.t, alert)).toBe(`FA-1 · ${formatMoney('972', 'EUR')}`);
    expect(aboutText(french.t, { ...alert, subject_kind: 'check', subject: 'money.lettering', text: 'money.lettering (2)', details: {} })).toBe('Ce qui est lettré ensemble est soldé.');
    expect(aboutText(french.t, { ...alert, subject_kind: 'job', text: 'leads.send: 3', details: null })).toBe('leads.send: 3');
  });

  test('is told with its threshold', () => {
    const rule = { kind: 'jobs_waiting', condition: 'a job has been due for more than {n} minutes' };
    expect(conditionText(english.t, rule, 15)).toBe('a job has been due for more than 15 minutes');
    expect(conditionText(french.t, rule, 15)).toBe('une tâche est due depuis plus de 15 minutes');
  });
});

describe('how often something is looked for', () => {
  test.each([
    ['*/5 * * * *', 'every 5 minutes'],
    ['* * * * *', 'every minute'],
    ['0 * * * *', 'every hour'],
    ['20 * * * *', 'every hour at minute 20'],
    ['5 9 * * *', 'daily at 09:05'],
    ['0 6 * * 0', 'dimanche at 06:00'],
    ['0 6 1 * *', 'by: 0 6 1 * *'],
    ['20 * * * 1', 'by: 20 * * * 1'],
  ])('%s is %s', (cron, words) => expect(rhythmText(english.t, cron)).toBe(words));

  test.each(['*/5 * * * *', '*/15 * * * *', '0 * * * *', '0 9 * * *', '5 23 * * *', '0 6 * * 1-5', '20 * * * *'])('%s is chosen and comes back as it was', (cron) => {
    expect(cronOf(chosenOf(cron))).toBe(cron);
  });

  test('a time is chosen for every day', () => {
    expect(cronOf({ rhythm: 'daily', at: '07:30', cron: 'whatever' })).toBe('30 7 * * *');
    expect(chosenOf('0 9 * * *')).toMatchObject({ rhythm: 'daily', at: '09:00' });
  });
});

test.each([
  ['must be a time such as 22:00', 'une heure, comme 22:00'],
  ['must be between 0 and 1000000', 'entre 0 et 1000000'],
  ['must name a role; switch the alert off instead', 'quelqu’un doit être prévenu ; sinon, arrêtez l’alerte'],
  ['must have five fields: minute, hour, day, month, day of the week', 'n’est pas une expression cron à cinq champs'],
  ['is no cron expression: x', 'n’est pas une expression cron à cinq champs'],
  ['must be 500 characters at most', 'au plus 500'],
])('what the service refuses about alerts is told in French: %s', (message, words) => {
  expect(fieldText(french.t, message)).toBe(words);
});
