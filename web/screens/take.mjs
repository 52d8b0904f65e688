// Takes the pictures of the documentation from a service that runs with the demo:
//   script/up &  then  node web/screens/take.mjs http://127.0.0.1:8080 data/demo-password docs
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base = 'http://127.0.0.1:8080', passwordFile = 'data/demo-password', out = 'docs'] = process.argv.slice(2);
const password = readFileSync(passwordFile, 'utf8').trim();
const browser = await chromium.launch({
  executablePath: process.env.COMPTOIR_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

async function session({ phone = false, dark = false, locale = 'en-GB' } = {}) {
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    locale,
    timezoneId: 'Europe/Paris',
  });
  const page = await context.newPage();
  await page.goto(`${base}/login`);
  await page.locator('input[type=email]').fill('admin@demo.example');
  await page.locator('input[type=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL((url) => url.pathname === '/');
  await page.evaluate(() => localStorage.setItem('comptoir.scope', 'ZR7'));
  return page;
}

/** `wait`: milliseconds for what the browser draws by itself and tells nobody of, as a PDF. */
async function take(page, path, name, wait = 0) {
  await page.goto(base + path);
  await page.locator('h1').first().waitFor();
  // What stands below the title is drawn after it, charts and maps once they are loaded.
  await page.locator('#main').locator('section, [role=row][data-index]').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null);
  await page.waitForTimeout(wait);
  await page.screenshot({ path: join(out, `${name}.jpg`), type: 'jpeg', quality: 82 });
}

/** The address of the first row of a list. */
async function first(page, list) {
  await page.goto(base + list);
  return page.locator('[role=row] a').first().getAttribute('href');
}

/** The last week that is over, which the demo has invoiced. */
async function weekBefore(page) {
  const { week } = await (await page.request.get(`${base}/api/billing/week`, { headers: { 'X-Entity-Scope': 'ZR7' } })).json();
  await page.goto(`${base}/billing?week=${week}`);
  await page.getByRole('button', { name: 'Previous week' }).click();
  await page.waitForURL((url) => url.searchParams.get('week') !== week);
  return new URL(page.url()).searchParams.get('week');
}

const light = await session();
await take(light, '/', 'cockpit');
await take(light, await first(light, '/leads?status=no_open_orders'), 'lead');
await take(light, '/deliveries?view=board', 'deliveries');
await take(light, '/departements', 'departements');
await take(light, '/billing?week=' + (await weekBefore(light)), 'billing');
await take(light, `${await first(light, '/invoices?status=overdue')}?tab=page`, 'invoice', 4000);
await take(light, '/ledger?tab=aged', 'aged');
await light.goto(`${base}/bank`);
await take(light, await light.locator('main a[href^="/bank/"]').first().getAttribute('href'), 'bank');
await take(await session({ dark: true, locale: 'fr-FR' }), '/leads', 'leads-dark');
await take(await session({ phone: true, locale: 'fr-FR' }), '/', 'cockpit-phone');
await browser.close();
