import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Pages } from '../build/pages.ts';
import { hashSources } from '../build/sources.ts';

const web = join(import.meta.dirname, '..');
const dist = join(web, 'dist');
const KB = 1024;

/** What a first visit may load of JavaScript, and what each further page may add, as it travels: compressed with brotli. */
const FIRST_VISIT = 200 * KB;
const FURTHER_PAGE = 80 * KB;

/** The first page of the day, and the one before it. */
const COCKPIT = '/';
const SIGN_IN = '/login';

function read(name: string): unknown {
  const file = join(dist, name);
  if (!existsSync(file)) throw new Error(`There is no web/dist/${name}: \`npm run build\` in web makes it.`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

function weigh(files: readonly string[]): number {
  return [...new Set(files)].reduce((sum, file) => sum + statSync(join(dist, `${file}.br`)).size, 0);
}

const { start, languages, ahead, pages } = read('pages.json') as Pages;
const cockpit = pages[COCKPIT] ?? { now: [], later: [] };

/** What surrounds every page: in one language, of which French is the longer, with the corner for messages. */
const frame = [...start, ...(languages.fr ?? []), ...ahead];

test('what is weighed was built from the present sources', () => {
  expect((read('build.json') as { sources: string }).sources, '`npm run build` in web makes it').toBe(hashSources(web));
});

describe('a first visit loads 200 KB at most', () => {
  test.each([SIGN_IN, COCKPIT])('%s', (path) => {
    const page = pages[path]?.now ?? [];
    expect(page.length).toBeGreaterThan(0);
    expect(weigh([...frame, ...page])).toBeLessThanOrEqual(FIRST_VISIT);
  });
});

describe('each further page adds 80 KB at most to the cockpit, with the words of its own and whatever is opened on it: a map, a chart, another view, a form', () => {
  const known = new Set([...frame, ...cockpit.now, ...cockpit.later.flat()]);
  test.each(Object.entries(pages))('%s', (_, { now, later, words }) => {
    for (const opened of [[], ...later]) expect(weigh([...now, ...(words.fr ?? []), ...opened].filter((file) => !known.has(file)))).toBeLessThanOrEqual(FURTHER_PAGE);
  });
});

test('the chart of the cockpit stays within 80 KB too', () => {
  const chart = cockpit.later.filter((files) => files.some((file) => file.includes('/WeekBars-')));
  expect(chart).toHaveLength(1);
  expect(weigh(chart.flat())).toBeLessThanOrEqual(FURTHER_PAGE);
});
