import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page, type Request } from 'playwright-core';
import { afterAll, test as base, expect, inject, vi } from 'vitest';
import { addPerson as addPersonBy, address, connect, openShop as openShopBy, type Person, type Service, type Shop, submitLead as submitLeadTo, type UserName } from './service.ts';

export { freshPhone, unique, USERS } from './service.ts';

export const BASE = inject('base');
export const PASSWORD = inject('password');

/** How long something that must come may take, on a busy machine. */
const PATIENCE_MS = 10_000;
const PICTURES = join(import.meta.dirname, 'failed');

export interface Visit {
  /** Where to begin; the first page unless told. */
  at?: string;
  /** The entity in scope, for who sees several. */
  scope?: string;
  locale?: 'fr-FR' | 'en-GB';
  scheme?: 'light' | 'dark';
  /** What the browser may complain of, because the test makes it happen. */
  expected?: RegExp;
}

type Open = (user: UserName | 'nobody', visit?: Visit) => Promise<Page>;

let browser: Promise<Browser> | undefined;

function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env.COMPTOIR_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  return browser;
}

afterAll(async () => {
  await (await browser)?.close();
});

/**
 * A test with a browser: `open` makes a window of its own for each call. What the browser reports as an error, be it thrown, logged
 * or against the content security policy, fails the test, unless the test said that it expects it.
 */
export const test = base.extend<{ open: Open }>({
  open: async ({ task }, use) => {
    const contexts: BrowserContext[] = [];
    const faults: string[] = [];
    await use(async (user, visit = {}) => {
      const context = await newContext(user, visit);
      contexts.push(context);
      watch(context, faults, visit.expected);
      const page = await context.newPage();
      countRequests(page);
      await page.goto(visit.at ?? '/');
      return page;
    });
    if (task.result?.state === 'fail') await takePictures(contexts, task.name);
    await Promise.all(contexts.map((context) => context.close()));
    expect(faults, 'what the browser complained of').toEqual([]);
  },
});

async function newContext(user: UserName | 'nobody', { scope, locale = 'fr-FR', scheme = 'light' }: Visit): Promise<BrowserContext> {
  const session = user === 'nobody' ? [] : [{ name: '__Host-comptoir', value: inject('tokens')[user], domain: '127.0.0.1', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' as const, expires: -1 }];
  const kept = scope === undefined ? [] : [{ name: 'comptoir.scope', value: scope }];
  const context = await (await theBrowser()).newContext({
    baseURL: BASE,
    locale,
    colorScheme: scheme,
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
    viewport: { width: 1440, height: 900 },
    extraHTTPHeaders: { 'x-forwarded-for': address() },
    storageState: { cookies: session, origins: [{ origin: BASE, localStorage: kept }] },
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

function watch(context: BrowserContext, faults: string[], expected?: RegExp): void {
  const report = (text: string) => {
    if (!expected?.test(text)) faults.push(text);
  };
  context.on('console', (message) => {
    if (message.type() === 'error') report(`${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => report(error.error().stack ?? error.error().message));
}

async function takePictures(contexts: BrowserContext[], name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const pages = contexts.flatMap((context) => context.pages());
  await Promise.all(pages.map((page, index) => page.screenshot({ path: join(PICTURES, `${name.replaceAll(/\W+/g, '-').slice(0, 80)}-${index + 1}.png`) })));
}

/** The API as a user. */
export function as(user: UserName, scope = user === 'root' ? 'ZR7' : 'ALL'): Service['client'] {
  return connect(BASE, inject('tokens')[user], scope).client;
}

/** What `openShop` of the service does, as the one who may do everything. */
export function openShop(options?: Parameters<typeof openShopBy>[2]): Promise<Shop> {
  return openShopBy(BASE, inject('tokens').root, options);
}

export function addPerson(role?: Parameters<typeof addPersonBy>[2]): Promise<Person> {
  return addPersonBy(BASE, inject('tokens').root, role);
}

/** A delivery of `shop` that waits, by its id, and the telephone number in it. */
export async function waiting(shop: Shop): Promise<{ id: string; leadId: string; phone: string }> {
  const lead = await shop.submit();
  const { data } = await as('root', 'ALL').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
  const [delivery] = data?.deliveries ?? [];
  if (!delivery) throw new Error(`The lead is ${lead.status}.`);
  return { id: delivery.id, leadId: lead.lead_id, phone: lead.phone };
}

/** Sends a delivery, and waits until it is sent. */
export async function sendNow(id: string): Promise<void> {
  const one = { params: { path: { id } } };
  await as('root').POST('/api/deliveries/{id}/send', { ...one, body: {} });
  await until(async () => {
    const { data } = await as('root').GET('/api/deliveries/{id}', one);
    if (data?.status !== 'sent') throw new Error(`The delivery is ${data?.status}.`);
  });
}

export function submitLead(form: string, fields?: Record<string, unknown>) {
  return submitLeadTo(BASE, form, fields);
}

export function see(what: Locator): Promise<void> {
  return what.waitFor({ state: 'visible' });
}

export function gone(what: Locator): Promise<void> {
  return what.waitFor({ state: 'hidden' });
}

/** How often in a row nothing must be on its way: what has come, such as a part of the console, asks for more once it runs. */
const QUIET_LOOKS = 3;

/** What each page has asked for and not got yet; the stream of changes never ends and is left out. */
const asked = new WeakMap<Page, Set<Request>>();

function countRequests(page: Page): void {
  const open = new Set<Request>();
  asked.set(page, open);
  page.on('request', (request) => request.resourceType() !== 'eventsource' && open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
}

/** Waits until the page stands: its heading is there, nothing is being loaded, and nothing follows from what came. */
export async function settled(page: Page): Promise<void> {
  await see(page.locator('main h1').first());
  let quiet = 0;
  await until(async () => {
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const unfinished = await page.locator('.mantine-Skeleton-root, [aria-busy=true]').count();
    quiet = unfinished > 0 || (asked.get(page)?.size ?? 0) > 0 ? 0 : quiet + 1;
    if (quiet < QUIET_LOOKS) throw new Error(`${page.url()} is still being loaded.`);
  });
}

/** Goes to another page as a link in the console would, without loading the console anew, and waits until it stands. */
export async function goTo(page: Page, at: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), at);
  await settled(page);
}

/** Waits until `check` no longer throws. */
export function until<T>(check: () => T | Promise<T>, timeout = PATIENCE_MS): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 50 });
}

/** Waits until the address of the page is as told. */
export function arrive(page: Page, where: string | RegExp): Promise<void> {
  return page.waitForURL((url) => (typeof where === 'string' ? url.pathname + url.search === where : where.test(url.pathname + url.search + url.hash)));
}

export function heading(page: Page, name: string | RegExp): Locator {
  return page.getByRole('heading', { level: 1, name });
}

/** The rows of a table of the console, without its head. */
export function rows(page: Page, table: string): Locator {
  return page.getByRole('grid', { name: table, exact: true }).locator('[role=row][data-index]');
}

export function row(page: Page, table: string, text: string | RegExp): Locator {
  return rows(page, table).filter({ hasText: text });
}

/** A field by its label, which ends with a star where the field is required. */
export function field(within: Page | Locator, label: string): Locator {
  return within.getByLabel(new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}( \\*)?$`));
}

/** Chooses from a list that opens below its field. */
export async function choose(list: Locator, option: string | RegExp): Promise<void> {
  await list.click();
  await list.page().getByRole('option', { name: option }).click();
}

/** Chooses the entity to work in, or all of them. */
export async function switchScope(page: Page, entity: string | RegExp): Promise<void> {
  await page.getByTestId('scope').click();
  await page.getByRole('menuitem', { name: entity }).click();
}

/** Types address and password into the form of the sign-in. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await field(page, 'Adresse e-mail').fill(email);
  await field(page, 'Mot de passe').fill(password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
}

/** Opens the menu of one's own account. */
export async function openAccount(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Compte de / }).click();
}

/** A message in the corner of the screen. */
export function said(page: Page, text: string | RegExp): Locator {
  return page.getByRole('alert').filter({ hasText: text });
}

/** A telephone number as the console writes it. */
export function spaced(phone: string): string {
  return phone.replace(/(\d{2})(?=\d)/g, '$1 ');
}

/** Rules that the colours decide; what else a page is, it is in both schemes. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The rules of accessibility that the page, or what `within` selects of it, breaks as it stands, in light and in dark. */
export async function broken(page: Page, where: string, within = 'html'): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await see(page.locator(`html[data-mantine-color-scheme=${scheme}] body`));
    // Colours go over into each other, be it in a millisecond, and begin to with the next frame.
    await page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
    });
    const axe = new AxeBuilder({ page }).setLegacyMode().include(within).options({ resultTypes: ['violations'] });
    const { violations } = await (scheme === 'light' ? axe.withTags(RULES) : axe.withRules(RULES_OF_COLOUR)).analyze();
    const places = (nodes: (typeof violations)[number]['nodes']) => nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`);
    found.push(...violations.map(({ id, nodes }) => `${where} in ${scheme}: ${id}: ${places(nodes).join(' | ')}`));
  }
  return found;
}

export type { Page };
export { expect };
