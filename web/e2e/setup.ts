import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { hashSources } from '../build/sources.ts';
import { openShop, signInByApi, connect, USERS, type UserName } from './service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the service answers. */
    base: string;
    /** Where it keeps its mail. */
    dataDir: string;
    /** The password of every user of the demo. */
    password: string;
    /** A session of each user. */
    tokens: Record<UserName, string>;
    /** A delivery whose sending was given up; its entity and the setting that spoils it are MDL's. */
    stranded: string;
  }
}

/** A quarter of the demo's usual leads: every list has pages and every week a bill, and loading stays short. */
const LEADS = 800;
const LOADED_WITHIN_MS = 300_000;
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;

const web = resolve(import.meta.dirname, '..');

/** One service with the demo for all tests, in a directory of its own. */
export default async function setup(project: TestProject) {
  const binary = process.env.COMPTOIR_BIN ?? resolve(web, '../target/debug/comptoir');
  if (!existsSync(binary)) throw new Error(`There is no service to test at ${binary}. \`cargo build --bin comptoir\` makes it; COMPTOIR_BIN names another.`);
  const frame = mkdtempSync(join(tmpdir(), 'comptoir-e2e-'));
  // The private PostgreSQL runs as another user when root runs the tests.
  chmodSync(frame, 0o711);
  const dataDir = join(frame, 'data');
  loadDemo(binary, dataDir);
  const base = `http://127.0.0.1:${await freePort()}`;
  const log = join(frame, 'service.log');
  const service = start(binary, dataDir, base, log);
  const stop = async () => {
    await end(service);
    rmSync(frame, { recursive: true, force: true });
  };
  try {
    await ready(service, base, log);
    await requireConsole(base, binary);
    await provide(project, base, dataDir);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

function loadDemo(binary: string, dataDir: string): void {
  // A directory in which the demo was loaded before saves loading it anew in the daily loop.
  if (process.env.COMPTOIR_E2E_DATA) execFileSync('cp', ['-a', process.env.COMPTOIR_E2E_DATA, dataDir]);
  else execFileSync(binary, ['demo', 'load', '--leads', String(LEADS)], { cwd: join(dataDir, '..'), env: environment({ COMPTOIR_DATA_DIR: dataDir }), stdio: ['ignore', 'ignore', 'inherit'], timeout: LOADED_WITHIN_MS });
}

/** What the service finds in its environment: ours, but none of its settings but these. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('COMPTOIR_'));
  return { ...Object.fromEntries(own), ...settings };
}

function start(binary: string, dataDir: string, base: string, log: string): ChildProcess {
  const output = openSync(log, 'w');
  // Each test comes from an address of its own, so that the rates of one do not hold up another.
  const settings = { COMPTOIR_DATA_DIR: dataDir, COMPTOIR_LISTEN: new URL(base).host, COMPTOIR_TRUSTED_PROXIES: '127.0.0.1', COMPTOIR_EGRESS_ALLOW: '127.0.0.1', COMPTOIR_REQUESTS_PER_MINUTE: '100000', COMPTOIR_BACKUP_SCHEDULE: 'off', COMPTOIR_BACKUP_DRILL: 'off' };
  return spawn(binary, ['serve', '--demo'], { cwd: join(dataDir, '..'), env: environment(settings), stdio: ['ignore', output, output] });
}

async function ready(service: ChildProcess, base: string, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (service.exitCode !== null) throw new Error(`The service ended before it was ready:\n${readFileSync(log, 'utf8')}`);
    const answer = await fetch(`${base}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(200);
  }
  throw new Error(`The service was not ready within ${READY_WITHIN_MS / 1000} s:\n${readFileSync(log, 'utf8')}`);
}

async function requireConsole(base: string, binary: string): Promise<void> {
  const { console: served } = (await (await fetch(`${base}/api/system/version`)).json()) as { console: string | null };
  const remedy = '`npm run build` in web, then `cargo build --bin comptoir`, puts it there.';
  if (served === null) throw new Error(`${binary} was built without the console. ${remedy}`);
  if (!served.startsWith(hashSources(web))) throw new Error(`${binary} holds a console of other sources than those in web. ${remedy}`);
}

async function provide(project: TestProject, base: string, dataDir: string): Promise<void> {
  const password = readFileSync(join(dataDir, 'demo-password'), 'utf8').trim();
  const names = Object.keys(USERS) as UserName[];
  const signedIn = await Promise.all(names.map(async (name) => [name, await signInByApi(base, USERS[name], password)] as const));
  const tokens = Object.fromEntries(signedIn) as Record<UserName, string>;
  project.provide('base', base);
  project.provide('dataDir', dataDir);
  project.provide('password', password);
  project.provide('tokens', tokens);
  project.provide('stranded', await strand(base, tokens.root));
}

/**
 * Makes a dead letter as it happens in life: an entity's mail server asks for a password that is not where the setting says,
 * so the job that sends a delivery fails, again and again. Its three attempts take half a minute, in which other tests run.
 */
async function strand(base: string, token: string): Promise<string> {
  const { client } = connect(base, token, 'MDL');
  await client.PUT('/api/settings/delivery-calendar', { body: { per_entity: { MDL: { enabled_days: [0, 1, 2, 3, 4, 5, 6] } } } });
  await client.PUT('/api/settings/smtp', { body: { per_entity: { MDL: { url: 'smtp://leads@127.0.0.1:9', password_env: 'SMTP_PASSWORD_OF_NOBODY' } } } });
  const shop = await openShop(base, token, { entity: 'MDL', product: 'STRANDED' });
  const lead = await shop.submit();
  const { data } = await client.GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
  const id = data?.deliveries[0]?.id;
  if (id === undefined) throw new Error(`The lead was not routed but is ${lead.status}.`);
  await client.POST('/api/deliveries/{id}/send', { params: { path: { id } }, body: {} });
  return id;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}

async function end(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return;
  const ended = new Promise((resolved) => service.once('exit', resolved));
  service.kill('SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), pause(STOPPED_WITHIN_MS, false, { ref: false })]);
  if (!inTime) throw new Error(`The service did not stop within ${STOPPED_WITHIN_MS / 1000} s of SIGTERM.`);
}
