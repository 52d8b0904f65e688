import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/** What a page of the console loads, by the addresses of its files. */
interface Page {
  /** Before it is drawn. */
  now: string[];
  /** What it asks the service before anything else. */
  asks: string[];
  /** When what needs it is shown, each by itself: a map, a chart, another view, a form. */
  later: string[][];
  /** By language, the words it waits for beside those of every page. */
  words: Record<string, string[]>;
}

/** What `pages.json` says. The service tells the browser of a page's files ahead (`console.rs`); `test/budget.test.ts` weighs them. */
export interface Pages {
  /** Everybody loads these first. */
  start: string[];
  languages: Record<string, string[]>;
  /** Fetched by every page when it has time. */
  ahead: string[];
  /** By the path of its route, in which `$` begins what varies. */
  pages: Record<string, Page>;
}

const FRAME = /^_app\.?/;

/** Words that only some pages wait for, by the directory that holds them; a route asks for them by `…Words`. */
const PARTS = ['money', 'audit', 'upkeep'];

/** Within the frame stands nothing before it is known who is signed in. */
const WHO = '/api/auth/me';

/** Writes `pages.json`: which files each page is made of. */
export function pages(): Plugin {
  let source = '';
  return {
    name: 'pages',
    apply: 'build',
    configResolved(config) {
      source = join(config.root, 'src');
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const walk = new Walk(chunks, (id) => this.getModuleInfo(id), source);
      const start = walk.filesOf([join(source, 'main.tsx')]);
      const languages = Object.fromEntries(['fr', 'en'].map((one) => [one, without(start, walk.filesOf([join(source, `i18n/${one}/index.ts`)]))]));
      const apart = PARTS.map((part) => ({ asks: new RegExp(`\\b${part}Words\\b`), words: Object.fromEntries(['fr', 'en'].map((one) => [one, without(start, walk.filesOf([join(source, `i18n/${one}/${part}/index.ts`)]))])) }));
      const ahead = without(start, walk.filesOf([join(source, 'ui/NotificationHost.tsx')]));
      const routes = readdirSync(join(source, 'routes')).map((file) => file.replace('.tsx', '')).filter((name) => name !== '__root' && name !== '_app');
      const made: Pages = {
        start,
        languages,
        ahead,
        pages: Object.fromEntries(routes.map((name) => {
          const code = this.getModuleInfo(join(source, 'routes', `${name}.tsx`))?.code ?? '';
          const words = apart.find(({ asks }) => asks.test(code))?.words ?? {};
          const id = `${join(source, 'routes', name)}.tsx?tsr-split=component`;
          const now = without(start, walk.filesOf([id]));
          const known = [...start, ...now, ...ahead, ...Object.values(languages).flat(), ...Object.values(words).flat()];
          const later = walk.openedBy(id).map((opened) => without(known, walk.filesOf(walk.reachedFrom(opened)))).filter((files) => files.length > 0);
          return [`/${name.replace(FRAME, '').replace(/\.?index$/, '').replaceAll('.', '/')}`, { now, asks: FRAME.test(name) ? [WHO] : [], later, words }];
        })),
      };
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(made) });
    },
  };
}

class Walk {
  private readonly holders = new Map<string, Rolldown.OutputChunk>();
  private readonly named: Map<string, Rolldown.OutputChunk>;

  constructor(chunks: Rolldown.OutputChunk[], private readonly infoOf: (id: string) => Rolldown.ModuleInfo | null, private readonly source: string) {
    this.named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
    for (const chunk of chunks) for (const id of chunk.moduleIds) this.holders.set(id, chunk);
  }

  /** The files that hold these modules, with all that those import. */
  filesOf(ids: Iterable<string>): string[] {
    const files = new Set<string>();
    const add = (chunk: Rolldown.OutputChunk | undefined): void => {
      if (!chunk || files.has(`/${chunk.fileName}`)) return;
      files.add(`/${chunk.fileName}`);
      for (const name of chunk.imports) add(this.named.get(name));
    };
    for (const id of ids) add(this.holders.get(id));
    return [...files].toSorted();
  }

  /** The modules that are loaded when they are wanted by a module of ours or by what it imports. */
  openedBy(id: string): string[] {
    const seen = new Set<string>();
    const opened = new Set<string>();
    const add = (one: string): void => {
      if (seen.has(one) || !one.startsWith(this.source)) return;
      seen.add(one);
      const info = this.infoOf(one);
      for (const next of info?.dynamicallyImportedIds ?? []) opened.add(next);
      for (const next of info?.importedIds ?? []) add(next);
    };
    add(id);
    return [...opened].toSorted();
  }

  /** A module of ours and every other that it leads to, also those that are loaded when they are wanted. */
  reachedFrom(id: string): Set<string> {
    const reached = new Set<string>();
    const add = (one: string): void => {
      if (reached.has(one) || !one.startsWith(this.source)) return;
      reached.add(one);
      const info = this.infoOf(one);
      for (const next of [...(info?.importedIds ?? []), ...(info?.dynamicallyImportedIds ?? [])]) add(next);
    };
    add(id);
    return reached;
  }
}

function without(known: readonly string[], files: readonly string[]): string[] {
  return files.filter((file) => !known.includes(file));
}
