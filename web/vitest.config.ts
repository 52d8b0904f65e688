import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@': resolve(import.meta.dirname, 'src') };

export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/**/*.test.ts'], environment: 'node' } },
      {
        resolve: { alias },
        test: { name: 'e2e', include: ['e2e/**/*.test.ts'], globalSetup: 'e2e/setup.ts', testTimeout: 60_000, hookTimeout: 240_000, maxWorkers: 2 },
      },
    ],
  },
});
