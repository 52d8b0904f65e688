import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thingLink } from '@/app/things';
import en from '@/i18n/en';
import fr from '@/i18n/fr';
import audit from '@/i18n/fr/audit';

interface Watched {
  checks: { id: string; about: string | null; proves: string; how: string; mend: string }[];
  alerts: { kind: string; title: string; title_fr: string; about: string; condition: string }[];
}

/** What the service says of itself: `comptoir audit --list --json`, which a test of the service holds equal to it. */
const { checks, alerts } = JSON.parse(readFileSync(join(import.meta.dirname, 'watched.json'), 'utf8')) as Watched;

const PARTS = ['proves', 'how', 'mend'] as const;

/** What an id may be of without any page of the console showing it, and why. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  api_key: 'the keys of machines are shown where each is used: of a provider, of a buyer',
};

/** The words of a check, as they are to be filled in. */
function wanted({ id, proves, how, mend }: Watched['checks'][number]): string {
  const [section = '', name = ''] = id.split('.');
  return `web/src/i18n/fr/audit/checks/${section}.ts lacks\n  ${name}: {\n    proves: '…', // ${proves}\n    how: '…', // ${how}\n    mend: '…', // ${mend}\n  },`;
}

describe('every check is told in French', () => {
  const told: Record<string, Record<string, Partial<Record<string, string>>>> = audit.check;

  test('the checks are found at all', () => {
    expect(checks.length).toBeGreaterThan(60);
  });

  test.each(checks)('$id', (check) => {
    const [section = '', name = ''] = check.id.split('.');
    for (const part of PARTS) expect(told[section]?.[name]?.[part]?.trim(), wanted(check)).toBeTruthy();
  });

  test('and no other', () => {
    const known = new Set(checks.map(({ id }) => id));
    const all = Object.entries(told).flatMap(([section, names]) => Object.keys(names).map((name) => `${section}.${name}`));
    expect(all.filter((id) => !known.has(id)), 'words of checks that there are not').toEqual([]);
  });
});

/** The titles of a kind of alert in the console. */
function say(kind: string): { en: string | undefined; fr: string | undefined } {
  const [english, french]: Record<string, string>[] = [en.activity.alert, fr.activity.alert];
  return { en: english?.[kind], fr: french?.[kind] };
}

describe('every kind of alert is told in both languages', () => {
  test('the kinds are found at all', () => {
    expect(alerts.length).toBeGreaterThan(10);
  });

  test.each(alerts)('$kind', ({ kind, title, title_fr, condition }) => {
    expect(say(kind), 'the titles in web/src/i18n/{en,fr}/alert-kinds.ts are those of the service').toEqual({ en: title, fr: title_fr });
    const french = audit.condition[kind];
    expect(french, `web/src/i18n/fr/audit/conditions.ts lacks ${kind}: '…', // ${condition}`).toBeTruthy();
    expect(french?.includes('{{n}}'), 'the threshold stands in both').toBe(condition.includes('{n}'));
  });

  test('and no other', () => {
    const known = alerts.map(({ kind }) => kind).toSorted();
    expect([Object.keys(en.activity.alert), Object.keys(fr.activity.alert), Object.keys(audit.condition)].map((kinds) => kinds.toSorted())).toEqual([known, known, known]);
  });
});

describe('what findings and alerts are about opens', () => {
  const kinds = [...new Set([...checks.flatMap(({ about }) => about ?? []), ...alerts.map(({ about }) => about)])];

  test.each(kinds)('%s', (kind) => {
    const link = thingLink(kind, '01a15107-5f00-7829-bd4b-c4b1aec2d85b');
    expect(link !== undefined || kind in NOT_SHOWN, `web/src/app/things.ts says where a ${kind} is shown, or NOT_SHOWN here why nowhere`).toBe(true);
  });

  test('one thing by its id, and what a word names where it is listed', () => {
    const id = '01a15107-5f00-7829-bd4b-c4b1aec2d85b';
    expect(thingLink('document', id)).toEqual({ to: '/invoices/$documentId', params: { documentId: id } });
    expect(thingLink('client', `${id}/PV`)).toEqual({ to: '/buyers/$buyerId', params: { buyerId: id } });
    expect(thingLink('job', id)).toEqual({ to: '/operations', search: { tab: 'jobs', job: id } });
    expect(thingLink('job', 'leads.send_batch')).toEqual({ to: '/operations', search: { tab: 'dead' } });
    expect(thingLink('check', 'money.lettering')).toEqual({ to: '/audit', search: { check: 'money.lettering' } });
    expect(thingLink('document', 'a word')).toBeUndefined();
    expect(thingLink('table', id)).toBeUndefined();
  });
});
