import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance } from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { detailText } from '@/features/activity/detail-text';
import en from '@/i18n/en';
import { formatDay, formatMoney } from '@/lib/format';

const i18n = createInstance();
beforeAll(() => i18n.init({ lng: 'en', resources: { en: { translation: en } }, interpolation: { escapeValue: false } }));

const text = (details: unknown) => detailText(i18n.t, { details });

const crates = join(import.meta.dirname, '../../crates');

/** The actions that stand as literals where an event is made. */
const actions = readdirSync(crates, { recursive: true, encoding: 'utf8' })
  .filter((name) => /^\w+\/src\/.*\.rs$/.test(name))
  .flatMap((name) => [...readFileSync(join(crates, name), 'utf8').matchAll(/Event::new\(\s*"([a-z_.]+)"/g)].map(([, action]) => action ?? ''));

test('every event has its words', () => {
  expect(actions.length).toBeGreaterThan(60);
  const known = new Set(Object.keys(en.activity.action));
  expect(actions.map((action) => action.replace('.', '_')).filter((action) => !known.has(action))).toEqual([]);
});

describe('what an event tells', () => {
  test.each([
    ['a field that changed is told with what it was', { old: { quota_semaine: 8 }, new: { quota_semaine: 12 } }, 'quota: 8 → 12'],
    ['a field that was cleared', { old: { notes: 'x' }, new: { notes: '' } }, 'notes: x → –'],
    ['what is new, without what is empty', { new: { name: 'Acme', notes: '', departements: ['*'] } }, 'name: Acme · départements: All départements'],
    ['yes is its name alone, no is nothing', { second_factor: true, recovery_code: false, ip: '10.0.0.1' }, 'with a second factor · from: 10.0.0.1'],
    ['no id of anything', { buyer_id: '01a15107-5f00-7829-bd4b-c4b1aec2d85b', subject: '01a15107-5f00-7829-bd4b-c4b1aec2d85b', product: 'PV' }, 'product: PV'],
    ['a status that became another', { old: 'new', new: 'invalid' }, 'New → Invalid'],
    ['a setting by its name, and no deep value', { key: 'leads.forms', new: { forms: { 'PV-1': {} } } }, 'setting: forms'],
    ['amounts in their currency, days as days', { number: 'FAC-2026-0001', gross: '1698.7600', currency: 'EUR', due_on: '2026-12-21', method: 'transfer' }, `number: FAC-2026-0001 · incl. VAT: ${formatMoney('1698.76', 'EUR')} · due on: ${formatDay('2026-12-21')} · by: transfer`],
    ['nothing', {}, ''],
  ])('%s', (_, details, expected) => expect(text(details)).toBe(expected));
});
