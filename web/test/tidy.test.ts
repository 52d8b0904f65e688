import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../src');
const GENERATED = new Set(['api/schema.d.ts', 'routeTree.gen.ts']);
const LONGEST = 300;

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(tsx?|css)$/.test(name) && !GENERATED.has(name))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }));

function where(pattern: RegExp, allowed: (name: string) => boolean): string[] {
  return sources.filter(({ name, text }) => !allowed(name) && pattern.test(text)).map(({ name }) => name);
}

test('no file is longer than a person reads at once', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > LONGEST).map(({ name }) => name);
  expect(long).toEqual([]);
});

test('only the client of the API calls the service', () => {
  expect(where(/\bfetch\(|\bXMLHttpRequest\b|\bsendBeacon\b|\bWebSocket\b/, (name) => name.startsWith('api/'))).toEqual([]);
});

test('only the live updates open a stream', () => {
  expect(where(/\bEventSource\b/, (name) => name === 'api/live.ts')).toEqual([]);
});

test('D-38 every permission that the console asks for is one of the service', () => {
  const { components } = JSON.parse(readFileSync(join(src, '../../openapi.json'), 'utf8')) as { components: { schemas: { Permission: { enum: string[] } } } };
  const known = new Set(components.schemas.Permission.enum);
  const asked = sources.flatMap(({ text }) => [...text.matchAll(/\b(?:may\(|permission[:=]\s*\{?)\s*'(\w+\.[\w.]+)'/g)].map(([, key = '']) => key));
  expect(asked.length).toBeGreaterThan(60);
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
});
