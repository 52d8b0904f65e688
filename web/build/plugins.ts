import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compressible = /\.(js|css|svg|json|html)$/;

/** Writes `build.json`, which says from which sources this build was made. */
export function stamp(sources: string): Plugin {
  return {
    name: 'stamp',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'build.json', source: JSON.stringify({ sources }) });
    },
  };
}

/** Puts a `.br` beside every text file, so that the service has nothing to compress. */
export function compress(): Plugin {
  let directory = '';
  return {
    name: 'compress',
    apply: 'build',
    configResolved(config) {
      directory = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const squeeze = promisify(brotliCompress);
      const files = await readdir(directory, { recursive: true });
      for (const file of files.filter((name) => compressible.test(name) && name !== 'index.html')) {
        const bytes = await readFile(join(directory, file));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        await writeFile(join(directory, `${file}.br`), await squeeze(bytes, { params }));
      }
    },
  };
}
