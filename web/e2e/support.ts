import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, test as base, expect, inject, vi } from 'vitest';
import { addPerson as addPersonBy, address, connect, openShop as openShopBy, type Person, type Service, type Shop, submitLead as submitLeadTo, type UserName } from './service.ts';

export { freshPhone, type Shop, unique, USERS } from './service.ts';

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

export function submitLead(form: string, fields?: Record<string, unknown>) {
  return submitLeadTo(BASE, form, fields);
}

export function see(what: Locator): Promise<void> {
  return what.waitFor({ state: 'visible' });
}

export function gone(what: Locator): Promise<void> {
  return what.waitFor({ state: 'hidden' });
}

/** Waits until nothing on the page is being loaded. */
export async function settled(page: Page): Promise<void> {
  await see(page.locator('h1').first());
  await gone(page.locator('main').locator('.mantine-Skeleton-root, [aria-busy=true]').first());
}

/** Waits until `check` no longer throws. */
export function until<T>(check: () => T | Promise<T>, timeout = PATIENCE_MS): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 100 });
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

export { expect };
