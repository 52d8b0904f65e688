// How long the console takes to answer a hand, over the list of leads with a million behind it: from an input to the next paint,
// as the browser's event timing counts it (INP), for everything one does in that list. Scrolling is no such interaction; for
// it and for going back stands the time from one frame to the next.
//   target/release/bench --pg-bin … --serve 18614     says what to give here:
//   node bench/console/interaction.mjs --url http://127.0.0.1:18614 --email … --password-file …
import { readArguments, signedIn } from './session.mjs';

/** From here on one notices. */
const LIMIT_MS = 100;
/** The browser tells of events from this on; one it does not tell of took less. */
const THRESHOLD_MS = 16;

const options = readArguments(3);

/** In the page: gathers events by interaction, and the time between frames. */
function watch(threshold) {
  const interactions = new Map();
  const read = (entries) => {
    for (const entry of entries) {
      if (entry.interactionId > 0) interactions.set(entry.interactionId, Math.max(entry.duration, interactions.get(entry.interactionId) ?? 0));
    }
  };
  const observer = new PerformanceObserver((list) => read(list.getEntries()));
  observer.observe({ type: 'event', durationThreshold: threshold });
  let before = 0;
  let frames = [];
  let last = performance.now();
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.measured = {
    start() {
      interactions.clear();
      frames = [];
      before = performance.interactionCount;
    },
    end() {
      read(observer.takeRecords());
      const untold = Math.max(0, performance.interactionCount - before - interactions.size);
      return { interactions: [...interactions.values(), ...Array.from({ length: untold }, () => 0)], frames };
    },
  };
}

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const median = (values) => percentile(values, 0.5);

/** Everything one does in the list, in the order one does it. */
function session(page) {
  const rows = page.locator('[role=row][data-index]');
  const search = page.locator('[role=toolbar] input[type=search]').first();
  const pills = page.locator('[role=group] button[aria-pressed]');
  const pause = (ms = 120) => page.waitForTimeout(ms);
  const settled = async () => {
    await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
    await pause(300);
  };
  const press = async (key, times) => {
    for (let time = 0; time < times; time += 1) {
      await page.keyboard.press(key);
      await pause(60);
    }
  };
  const top = () => page.keyboard.press('Home');
  return [
    ['scrolling', async () => {
      await rows.nth(5).hover();
      for (let turn = 0; turn < 60; turn += 1) {
        await page.mouse.wheel(0, 600);
        await pause(50);
      }
    }],
    ['arrow keys', async () => {
      await rows.nth(12).focus();
      await press('ArrowDown', 30);
      await press('k', 10);
      await press('PageDown', 10);
      await press('End', 3);
      await top();
    }],
    ['typing a search', async () => {
      await search.click();
      await search.pressSequentially('nom4242', { delay: 90 });
      await settled();
      await press('Backspace', 7);
      await settled();
    }],
    ['status pills', async () => {
      for (const index of [2, 3, 5, 6, 0]) {
        await pills.nth(index).click();
        await settled();
      }
    }],
    ['selecting rows', async () => {
      for (let index = 0; index < 10; index += 1) {
        await rows.nth(index).locator('input[type=checkbox]').click();
        await pause();
      }
      await rows.nth(11).focus();
      for (let time = 0; time < 5; time += 1) {
        await press('x', 1);
        await press('ArrowDown', 1);
      }
      const all = page.locator('[role=columnheader] input[type=checkbox]');
      await all.click();
      await pause();
      await all.click();
      await pause();
    }],
    ['opening a lead', async () => {
      for (const index of [3, 6, 9]) {
        await rows.nth(index).click({ position: { x: 500, y: 12 } });
        await page.waitForURL(/\/leads\/.+/);
        await settled();
        await page.goBack();
        await rows.nth(9).waitFor();
        await settled();
      }
    }],
    ['back by the menu', async () => {
      for (const index of [3, 6]) {
        await rows.nth(index).focus();
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/leads\/.+/);
        await settled();
        await page.locator('nav a[href="/leads"]').click();
        await rows.nth(9).waitFor();
        await settled();
      }
    }],
  ];
}

/** One session: for each step what its interactions and its frames took. */
async function measure(page) {
  await page.goto(`${options.url}/leads`);
  await page.locator('[role=row][data-index="9"]').waitFor();
  await page.waitForTimeout(1000);
  const steps = [];
  for (const [name, act] of session(page)) {
    await page.evaluate(() => window.measured.start());
    await act();
    // What was painted last is told a moment later.
    await page.waitForTimeout(250);
    steps.push([name, await page.evaluate(() => window.measured.end())]);
  }
  return steps;
}

/** What one session is remembered by: the slowest interaction, but one for every fifty. */
const inp = (steps) => {
  const all = steps.flatMap(([, { interactions }]) => interactions).toSorted((a, b) => b - a);
  return all[Math.floor(all.length / 50)] ?? 0;
};

const runs = await signedIn(options, { width: 1440, height: 900 }, async (page) => {
  await page.addInitScript(watch, THRESHOLD_MS);
  const measured = [];
  for (let run = 0; run < options.runs; run += 1) measured.push(await measure(page));
  return measured;
});

const failures = [];
const shown = (ms) => (ms < THRESHOLD_MS ? `<${THRESHOLD_MS}` : ms.toFixed(0)).padStart(4);
const check = (what, ms) => ms >= LIMIT_MS && failures.push(`${what} takes ${ms} ms, wanted < ${LIMIT_MS}`);

console.log(`interaction to next paint in ms, the median of ${options.runs} sessions`);
for (const [index, [name, { interactions }]] of runs[0].entries()) {
  // The machine is shared: what one session met once by chance is no figure.
  const over = (kind, share) => median(runs.map((run) => percentile(run[index][1][kind], share)));
  const slowest = over('interactions', 1);
  const inputs = interactions.length === 0 ? 'no inputs' : `${String(interactions.length).padStart(3)} inputs  p75 ${shown(over('interactions', 0.75))}  max ${shown(slowest)}`;
  console.log(`    ${name.padEnd(17)} ${inputs.padEnd(32)} frames p75 ${shown(over('frames', 0.75))}  max ${shown(over('frames', 1))}`);
  check(name, interactions.length === 0 ? over('frames', 0.75) : slowest);
}
const each = runs.map(inp);
console.log(`    INP ${median(each)} (${each.join(' ')})`);
check('INP', median(each));
for (const failure of failures) console.error(`interaction: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
