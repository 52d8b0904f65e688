import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe } from 'vitest';
import { as, expect, field, gone, said, see, test, unique, until } from './support.ts';

interface Call {
  headers: IncomingHttpHeaders;
  body: string;
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Another system: it remembers what it was told and answers as `status` says. */
async function receiver(): Promise<{ url: string; calls: Call[]; answer: { status: number; text: string } }> {
  const calls: Call[] = [];
  const answer = { status: 200, text: 'bien reçu' };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8' }).end(answer.text);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  open.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, calls, answer };
}

/** The signature that a receiver computes of what came. */
function signed({ headers, body }: Call, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')}`;
}

describe('a webhook', () => {
  test('is made, its secret shown once; a test and an event arrive signed, and what was refused is sent again by hand', async ({ open: visit }) => {
    const { url, calls, answer } = await receiver();
    const name = `ERP ${unique()}`;
    const page = await visit('root', { at: '/settings?tab=webhooks', scope: 'ALL', expected: /422/ });
    await page.getByRole('button', { name: 'Nouveau webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Nouveau webhook' });
    await field(form, 'Nom').fill(name);
    await field(form, 'Adresse').fill('https://169.254.169.254/latest/meta-data');
    await field(form, 'Événements').fill('view_*');
    await field(form, 'Événements').press('Enter');
    await field(form, 'Événements').press('Tab');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByText('un hôte de l’internet public').first());
    await field(form, 'Adresse').fill(url);
    await form.getByRole('button', { name: 'Enregistrer' }).click();

    const shown = page.getByRole('dialog', { name: `Le secret de ${name}` });
    const secret = (await shown.getByLabel(`Le secret de ${name}`, { exact: true }).textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);
    await shown.getByRole('button', { name: 'Je l’ai gardé' }).click();
    await gone(shown);
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('button', { name: `Appels de ${name}` }).click();
    const drawer = page.getByRole('dialog', { name: `Appels de ${name}` });
    await see(drawer.getByText('Aucun appel'));
    await drawer.getByRole('button', { name: 'Envoyer un essai' }).click();
    await see(said(page, 'L’essai est en route'));
    await see(drawer.getByText('bien reçu'));
    const [trial] = calls;
    expect(trial && trial.headers['webhook-signature']).toBe(trial && signed(trial, secret));

    answer.status = 500;
    answer.text = 'en panne';
    await as('root', 'ALL').POST('/api/views', { body: { page: 'leads', name: `Vue ${unique()}`, query: '' } });
    await see(drawer.getByText('en panne'));
    answer.status = 200;
    await drawer.getByRole('button', { name: 'Renvoyer' }).first().click();
    await until(() => expect(calls).toHaveLength(3));
    const [, refused, again] = calls;
    expect(again?.headers['webhook-id']).toBe(refused?.headers['webhook-id']);
    expect(again?.body).toBe(refused?.body);
    expect(again && again.headers['webhook-signature']).toBe(again && signed(again, secret));
    expect(JSON.parse(again?.body ?? '{}')).toMatchObject({ type: 'view_saved', tenant: 'demo' });
  });
});
