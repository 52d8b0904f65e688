// A browser that is signed in, for the measurements beside this file.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

/** What both measurements are told: which service, who signs in, how often to measure. */
export function readArguments(runs) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      email: { type: 'string', default: 'admin@demo.example' },
      'password-file': { type: 'string', default: 'data/demo-password' },
      runs: { type: 'string', default: String(runs) },
    },
  });
  return { url: values.url, email: values.email, passwordFile: values['password-file'], runs: Number(values.runs) };
}

/**
 * Signs in and calls `measure` with the page and the port of the browser's debugger. The profile is a directory of its own, so
 * that whoever attaches to the port has the session too.
 */
export async function signedIn({ url, email, passwordFile }, viewport, measure) {
  const password = readFileSync(passwordFile, 'utf8').trim();
  const profile = mkdtempSync(join(tmpdir(), 'comptoir-console-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.COMPTOIR_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--remote-debugging-port=0'],
    viewport,
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${url}/login`);
    await page.locator('input[type=email]').fill(email);
    await page.locator('input[type=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.waitForURL((address) => address.pathname === '/');
    const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
    return await measure(page, Number(port));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
