// Lighthouse over the first page of the day and over the list of leads, for who is signed in, against a release build that
// runs with the demo. The console is made for a desk, so that is what must be good; a phone's figures are printed beside it.
//   node bench/console/lighthouse.mjs --url http://127.0.0.1:8080 --password-file data/demo-password
import lighthouse, { desktopConfig } from 'lighthouse';
import { readArguments, signedIn } from './session.mjs';

const PAGES = ['/', '/leads'];
const DEVICES = { desktop: desktopConfig, mobile: undefined };
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
/** What a desktop must reach on every page. */
const WANTED = { performance: 95, accessibility: 100, 'best-practices': 95 };

const MOST_ATTEMPTS = 3;

const options = readArguments(3);
const failures = [];

/** The scores of a run, from 0 to 100, and the figures behind them. */
function readResult({ lhr }) {
  const figure = (audit) => lhr.audits[audit].numericValue;
  return {
    scores: Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)])),
    fcp: figure('first-contentful-paint'),
    lcp: figure('largest-contentful-paint'),
    tbt: figure('total-blocking-time'),
    cls: figure('cumulative-layout-shift'),
    bytes: figure('total-byte-weight'),
    address: new URL(lhr.finalDisplayedUrl).pathname,
    faults: CATEGORIES.slice(1).flatMap((name) => faultsOf(lhr, name)),
  };
}

/** Why a category is below 100. */
function faultsOf(lhr, category) {
  return lhr.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => `${category}: ${lhr.audits[id].title}${(lhr.audits[id].details?.items ?? []).slice(0, 5).map((item) => `\n        ${item.node?.snippet ?? item.description ?? JSON.stringify(item)}`).join('')}`);
}

/** One run; the cache is emptied before, cookies stay. On a busy machine a run may end without a score, and is repeated. */
async function runOnce(port, path, device) {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const result = await lighthouse(options.url + path, { port, logLevel: 'error', onlyCategories: CATEGORIES }, DEVICES[device]);
    if (CATEGORIES.every((name) => result.lhr.categories[name].score !== null)) return readResult(result);
    console.error(`    ${device} ${path}: a run without a score, repeated (${result.lhr.runtimeError?.message ?? 'no reason given'})`);
  }
  throw new Error(`Lighthouse gave no score for ${path} in ${MOST_ATTEMPTS} runs.`);
}

async function measure(port, path, device) {
  const runs = [];
  for (let run = 0; run < options.runs; run += 1) runs.push(await runOnce(port, path, device));
  // The machine is shared: the run in the middle stands for all.
  const middle = runs.toSorted((a, b) => a.scores.performance - b.scores.performance)[Math.floor(runs.length / 2)];
  const { scores, fcp, lcp, tbt, cls, bytes, address, faults } = middle;
  if (address !== path) failures.push(`${path} led to ${address}`);
  const each = runs.map((run) => run.scores.performance).join(' ');
  console.log(
    `${device.padEnd(8)} ${path.padEnd(7)} performance ${scores.performance} (${each})  accessibility ${scores.accessibility}  best practices ${scores['best-practices']}\n` +
      `    FCP ${fcp.toFixed(0)} ms  LCP ${lcp.toFixed(0)} ms  TBT ${tbt.toFixed(0)} ms  CLS ${cls.toFixed(3)}  ${(bytes / 1024).toFixed(0)} KiB`,
  );
  for (const fault of faults) console.log(`    ${fault}`);
  if (device !== 'desktop') return;
  for (const [name, wanted] of Object.entries(WANTED)) {
    if (!(scores[name] >= wanted)) failures.push(`${path}: ${name} ${scores[name]}, wanted ${wanted}`);
  }
}

await signedIn(options, null, async (page, port) => {
  // Nothing else draws while Lighthouse measures.
  await page.goto('about:blank');
  for (const device of Object.keys(DEVICES)) {
    for (const path of PAGES) await measure(port, path, device);
  }
});
for (const failure of failures) console.error(`lighthouse: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
