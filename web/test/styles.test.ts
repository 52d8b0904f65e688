import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const web = join(import.meta.dirname, '..');
const mantine = join(web, 'node_modules/@mantine/core');
const BASE = ['baseline', 'default-css-variables', 'global'];

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** The names that a file imports from a module. */
function importedFrom(text: string, module: string): string[] {
  const imports = [...text.matchAll(/import \{([^}]*)\} from ['"]([^'"]+)['"]/g)];
  return imports.filter(([, , from]) => from === module).flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
}

/** The file of Mantine that each of its components stands in. */
function files(): Map<string, string> {
  const imports = read(join(mantine, 'esm/index.mjs')).matchAll(/import \{([^}]*)\} from "([^"]+)"/g);
  const own = [...imports].filter(([, , file]) => file?.startsWith('.'));
  return new Map(own.flatMap(([, names = '', file = '']) => names.split(',').map((name) => [name.trim(), join(mantine, 'esm', file)] as const)));
}

/** Ours, and those of Mantine's other packages. */
function sources(): string[] {
  const directories = ['src', 'node_modules/@mantine/dates/esm', 'node_modules/@mantine/notifications/esm', 'node_modules/@mantine/spotlight/esm'];
  return directories.flatMap((directory) => {
    const names = readdirSync(join(web, directory), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /\.(tsx?|mjs)$/.test(name)).map((name) => join(web, directory, name));
  });
}

/** The stylesheets of the components that ours are made of. */
function needed(): Set<string> {
  const sheets = new Set<string>();
  const seen = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const sheet = basename(file, '.module.mjs');
    if (sheet !== basename(file) && existsSync(join(mantine, `styles/${sheet}.css`))) sheets.add(sheet);
    for (const [, next = ''] of read(file).matchAll(/from "(\.[^"]+)"/g)) walk(join(dirname(file), next));
  };
  const where = files();
  for (const name of sources().flatMap((source) => importedFrom(read(source), '@mantine/core'))) {
    const file = where.get(name);
    if (file !== undefined) walk(file);
  }
  return sheets;
}

test('the styles of every component of Mantine that is used are there, and no others', () => {
  const whole = read(join(mantine, 'styles.css'));
  const place = (sheet: string) => whole.indexOf(read(join(mantine, `styles/${sheet}.css`)).slice(0, 120));
  const wanted = [...BASE, ...[...needed()].toSorted((a, b) => place(a) - place(b))];
  const listed = [...read(join(web, 'src/ui/mantine.css')).matchAll(/styles\/([\w-]+)\.css/g)].map(([, sheet]) => sheet);
  expect(listed).toEqual(wanted);
});
