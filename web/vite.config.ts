import { resolve } from 'node:path';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { outlines } from './build/outlines.ts';
import { pages } from './build/pages.ts';
import { compress, stamp } from './build/plugins.ts';
import { hashSources } from './build/sources.ts';

const root = import.meta.dirname;
const sources = hashSources(root);

/** What surrounds every page comes with the first chunk. */
const codeSplittingOptions = { splitBehavior: ({ routeId }: { routeId: string }) => (routeId === '/_app' ? [] : undefined) };

/** A page is a handful of files: what everybody needs, what fields, lists and forms are made of, and its own. */
const chunks = [
  { name: 'start', tags: ['$initial' as const], priority: 6 },
  { name: 'fields', test: /@mantine.(form|hooks|store)|core.esm.(core|utils)|tabler|react-remove-scroll|components.(TextInput|PasswordInput|Checkbox|CloseButton|Portal|Notification|Group|Stack|Text)\b/, minShareCount: 2, priority: 5 },
  { name: 'common', test: /src.(lib|app|features.(?!invoices|payments|parties|products)\w+.[a-z.-]+$|ui.(WeekPicker|states|chart.index|map.(index|step)))/, minShareCount: 2, priority: 4 },
  { name: 'lists', test: /src.ui.(table|filters|ExportButton|confirm)/, priority: 3 },
  { name: 'menus', test: /src.ui.SavedViews|components.Menu\b/, priority: 2 },
  { name: 'charts', test: /node_modules.(chart\.js|@kurkle)|src.ui.chart.tokens/, priority: 2 },
  { name: 'forms', test: /node_modules/, minShareCount: 2, priority: 1 },
];

export default defineConfig({
  root,
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, codeSplittingOptions, quoteStyle: 'single' }),
    react(),
    outlines(),
    pages(),
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
    // One file: a page waits for no other, and the order in which styles follow one another is always the same.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/public': 'http://127.0.0.1:8080', '/demo': 'http://127.0.0.1:8080' } },
});
