import { resolve } from 'node:path';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress, stamp } from './build/plugins.ts';
import { hashSources } from './build/sources.ts';

const root = import.meta.dirname;
const sources = hashSources(root);

export default defineConfig({
  root,
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single' }),
    react(),
    stamp(sources),
    compress(),
  ],
  resolve: { alias: { '@': resolve(root, 'src') } },
  define: { __BUILD__: JSON.stringify(sources.slice(0, 12)) },
  // The service puts a fresh one in its place with every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: 'es2023',
    // Nothing inline: the policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/public': 'http://127.0.0.1:8080', '/demo': 'http://127.0.0.1:8080' } },
});
