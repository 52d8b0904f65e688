import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fr from '@/i18n/fr';
import money from '@/i18n/fr/money';
import { FIELD_MESSAGES } from '@/ui/field-text';

const crates = join(import.meta.dirname, '../../crates');
// What only the command line, the start of the service and its own keys can run into.
const NEVER_SEEN = /^(demo|demo_.*|external_database|migration_failed|owner_unknown|password_file|postgres_.*|schema_.*|cannot_.*|config.*|.*_token_key|api_key_.*|tenant_default_key|tenant_create|unsafe_.*|role_.*|no_.*|buyer_email_key|secret_keys|history_missing|not_migrated|owner_bound|citus_.*|not_distributable)$/;
const sources = readdirSync(crates, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^\w+\/src\/.*\.rs$/.test(file) && !/app\/src\/(backup|cli|commands|config|postgres|demo|doctor|runtime|serve)/.test(file))
  .map((file) => readFileSync(join(crates, file), 'utf8'));

function all(pattern: RegExp): string[] {
  return [...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map((found) => found[1] ?? '')))];
}

describe('what the service refuses is told in French', () => {
  const codes = [...all(/(?:refused|forbidden)\(\s*"([a-z_0-9]+)"/g), ...all(/Error::new\(\s*Kind::\w+,\s*"([a-z_0-9]+)"/g), ...all(/constraint!\(\s*"([a-z_0-9]+)"/g)].filter((code) => !NEVER_SEEN.test(code));

  test('the codes are found at all', () => {
    expect(codes.length).toBeGreaterThan(50);
  });

  test.each(codes)('%s', (code) => {
    expect({ ...fr.problem.code, locked: fr.problem.locked, permission_missing: fr.problem.permission_missing, throttled: fr.problem.throttled }).toHaveProperty(code);
  });
});

describe('the rules of e-invoices are told in French', () => {
  const rules = [...new Set(sources.flatMap((source) => [...source.matchAll(/"((?:BR|C)-[A-Z0-9-]*[A-Z0-9])"/g)].map((found) => found[1] ?? '')))];

  test('the rules are found at all', () => {
    expect(rules.length).toBeGreaterThan(60);
  });

  test.each(rules)('%s', (rule) => {
    const told: Record<string, string> = { ...money.einvoice.rule, ...money.purchases.rule };
    expect(told[rule]).toBeTruthy();
  });
});

describe('what is wrong with a field is told in French', () => {
  // What the console never sends.
  const elsewhere = new Set(['give either a stored lead or the fields of one', 'is not a session of this service', 'a tenant needs at least one entity', 'is not an IANA time zone']);
  const messages = all(/(?:Error::invalid)\(\s*"[a-zA-Z_.]+",\s*"((?:[^"\\]|\\.)*)"/g).filter((message) => !elsewhere.has(message));

  test('the messages are found at all', () => {
    expect(messages.length).toBeGreaterThan(8);
  });

  test.each(messages)('%s', (message) => {
    expect(FIELD_MESSAGES.some(([pattern]) => pattern.test(message.replaceAll(/\{\w*\}/g, '5')))).toBe(true);
  });
});
