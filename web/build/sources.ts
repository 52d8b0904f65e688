import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What the console is made from. `crates/app/build.rs` hashes the same, to refuse a build of other sources. */
const INPUTS = ['build', 'index.html', 'package-lock.json', 'postcss.config.cjs', 'public', 'src', 'tsconfig.json', 'vite.config.ts'];

/** Made from the files beside it while the console is built. */
const MADE_BY_THE_BUILD = 'src/routeTree.gen.ts';

/** The SHA-256 over every input's path and bytes, in the order of their paths, as hexadecimal. */
export function hashSources(root: string): string {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap((input) => list(root, input)).filter((one) => one !== MADE_BY_THE_BUILD).toSorted()) {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function list(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const found = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1).split(sep).join('/'));
}
