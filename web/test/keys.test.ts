import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '..', 'dist');

/** What keys look like: ours, those of the services that people use, private keys, addresses with a password. */
const KEYS = [
  /\bwhsec_[\w+/=-]{16,}/,
  /\bprov_[\w-]{20,}/,
  /\b[rs]k_(?:live|test)_\w{16,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[oprsu]_\w{30,}/,
  /\bxox[abp]-\w{10,}/,
  /\bAGE-SECRET-KEY-1/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:postgres|postgresql|smtps?|https?):\/\/[\w.%+-]+:[\w.%+-]+@[\w-]/,
  /https:\/\/[\w./-]*(?:deploy|build)[-_]?hooks?\//i,
];

function keysIn(text: string): string[] {
  return KEYS.filter((key) => key.test(text)).map(String);
}

test('keys are known when they are seen', () => {
  const seen = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `prov_${'a1'.repeat(20)}`, 'smtps://me:secret@mail.example', '-----BEGIN EC PRIVATE KEY-----', 'https://api.example/v1/deploy-hooks/x'];
  for (const key of seen) expect(keysIn(`const a="${key}";`), key).toHaveLength(1);
  expect(keysIn('smtps://me@mail.example:465 prov_… whsec_…')).toEqual([]);
});

test('F-77 no file of the console holds a key', () => {
  if (!existsSync(dist)) throw new Error('There is no web/dist: `npm run build` in web makes it.');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:js|css|html|json|svg|map)$/.test(name));
  expect(files.length).toBeGreaterThan(10);
  const holding = files.map((name) => [name, keysIn(readFileSync(join(dist, name), 'utf8'))] as const).filter(([, keys]) => keys.length > 0);
  expect(holding).toEqual([]);
});
