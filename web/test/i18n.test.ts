import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import en from '@/i18n/en';
import enAudit from '@/i18n/en/audit';
import enMoney from '@/i18n/en/money';
import enUpkeep from '@/i18n/en/upkeep';
import fr from '@/i18n/fr';
import frAudit from '@/i18n/fr/audit';
import frMoney from '@/i18n/fr/money';
import frUpkeep from '@/i18n/fr/upkeep';

type Tree = { readonly [key: string]: string | Tree };

const src = join(import.meta.dirname, '../src');
const catalogues = { fr: flatten({ ...fr, ...frMoney, ...frAudit, ...frUpkeep } as Tree), en: flatten({ ...en, ...enMoney, ...enAudit, ...enUpkeep } as Tree) };
const languages = ['fr', 'en'] as const;

const PLURAL = /_(zero|one|two|few|many|other)$/;

/** The service says in English what is wrong; only French needs words for its codes. */
const SAID_BY_THE_SERVICE = /^(problem\.code|einvoice\.rule|check|condition)\./;

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
  );
  return new Map(entries);
}

/** What has a form for `other` is counted; the rest only ends like it. */
const counted = new Set([...catalogues.en.keys()].filter((key) => key.endsWith('_other')).map((key) => key.replace(PLURAL, '')));

function base(key: string): string {
  const bare = key.replace(PLURAL, '');
  return counted.has(bare) ? bare : key;
}

function isShared(key: string): boolean {
  return !SAID_BY_THE_SERVICE.test(key);
}

function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? ''))].toSorted();
}

describe('the catalogues', () => {
  test('have the same keys in French and in English', () => {
    const [french, english] = languages.map((language) => [...new Set([...catalogues[language].keys()].map(base))].toSorted());
    expect(french?.filter(isShared)).toEqual(english?.filter(isShared));
    expect(french).toEqual(expect.arrayContaining(english ?? []));
  });

  test('leave no text empty', () => {
    for (const language of languages) {
      expect([...catalogues[language]].filter(([, text]) => text.trim() === '').map(([key]) => key), language).toEqual([]);
    }
  });

  test('take the same values in both languages', () => {
    for (const [key, text] of catalogues.fr) {
      if (!catalogues.en.has(key) && !isShared(key)) continue;
      const english = catalogues.en.get(key) ?? catalogues.en.get(`${base(key)}_other`) ?? '';
      // One may be written out: "one lead".
      if (/_(zero|one)$/.test(key)) continue;
      expect(placeholders(text), key).toEqual(placeholders(english));
    }
  });

  test.each(languages)('have every plural form that numbers ask for in %s', (language) => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const missing = [...counted].flatMap((key) => pluralCategories.map((form) => `${key}_${form}`)).filter((key) => !catalogues[language].has(key));
    expect(missing).toEqual([]);
  });
});

describe('the texts that the console asks for', () => {
  const asked = askedFor();
  const known = new Set([...catalogues.en.keys()].map(base));
  const saidInFrench = [...catalogues.fr.keys()].filter((key) => !isShared(key));

  test('are found in the sources', () => {
    expect(asked.keys.size).toBeGreaterThan(300);
    expect(asked.prefixes.size).toBeGreaterThan(20);
  });

  test('exist', () => {
    expect([...asked.keys].filter((key) => !known.has(key))).toEqual([]);
  });

  test('exist where the last part of their key is a value', () => {
    expect([...asked.prefixes].filter((prefix) => ![...known, ...saidInFrench].some((key) => key.startsWith(prefix)))).toEqual([]);
  });
});

/** Every key that stands in a call of `t`, and the beginnings of those that end with a value. */
function askedFor(): { keys: Set<string>; prefixes: Set<string> } {
  const found = { keys: new Set<string>(), prefixes: new Set<string>() };
  const take = (node: ts.Expression): void => {
    if (ts.isStringLiteralLike(node)) found.keys.add(node.text);
    else if (ts.isTemplateExpression(node)) found.prefixes.add(node.head.text);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(take);
    else if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) take(node.expression);
  };
  const visit = (node: ts.Node): void => {
    const [first] = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't' ? node.arguments : [];
    if (first) take(first);
    ts.forEachChild(node, visit);
  };
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n/'))) {
    visit(ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  }
  return found;
}
