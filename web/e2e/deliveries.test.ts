import { createServer, type Server } from 'node:net';
import { describe, onTestFinished } from 'vitest';
import { read } from './mailbox.ts';
import { as, expect, field, gone, heading, openShop, row, said, see, type Shop, spaced, test } from './support.ts';

interface MailServer {
  port: number;
  /** Takes mail from now on. */
  accept: () => void;
  /** What it took. */
  taken: string[];
}

/** A mail server that refuses every recipient, until told otherwise. */
async function refusingMailServer(): Promise<MailServer> {
  const taken: string[] = [];
  let accepts = false;
  const server: Server = createServer((socket) => {
    let body: string | undefined;
    let rest = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 essai');
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (body !== undefined && line !== '.') body += `${line.replace(/^\./, '')}\r\n`;
        else if (body !== undefined) {
          taken.push(body);
          body = undefined;
          say('250 taken');
        } else if (line === 'DATA') {
          body = '';
          say('354 go on');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else say(line.startsWith('RCPT') && !accepts ? '550 5.7.1 nobody here takes leads' : '250 fine');
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.');
  return { port: address.port, accept: () => (accepts = true), taken };
}

/** A delivery of `shop` that waits, by its id, and the telephone number in it. */
async function waiting(shop: Shop): Promise<{ id: string; phone: string }> {
  const lead = await shop.submit();
  const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
  const [delivery] = data?.deliveries ?? [];
  if (!delivery) throw new Error(`The lead is ${lead.status}.`);
  return { id: delivery.id, phone: lead.phone };
}

describe('a delivery', () => {
  test('L-60 that could not be sent says why, and a press on retry sends it once the server is set right', async ({ open }) => {
    const server = await refusingMailServer();
    const { data: before } = await as('root').GET('/api/settings/smtp');
    onTestFinished(async () => {
      await as('root').PUT('/api/settings/smtp', { body: { per_entity: before?.value.per_entity ?? {} } });
    });
    const shop = await openShop();
    const { id, phone } = await waiting(shop);
    const page = await open('root', { at: '/settings?tab=mail', scope: 'ZR7' });
    const zr7 = page.getByRole('group', { name: /^ZR7/ });
    await zr7.getByLabel('Serveur', { exact: true }).fill(`smtp://127.0.0.1:${server.port}`);
    const servers = page.locator('form').filter({ hasText: 'Variable du mot de passe' });
    await servers.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));

    await page.goto(`/deliveries/${id}`);
    await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
    await see(heading(page, /En échec/));
    await see(page.getByRole('alert').getByText('nobody here takes leads'));
    const retry = page.getByRole('button', { name: 'Réessayer' });
    await see(retry);

    server.accept();
    await retry.click();
    await see(heading(page, /Envoyée/));
    await gone(retry);
    expect(server.taken).toHaveLength(1);
    expect(Object.values(read(server.taken[0] ?? '').files)[0]).toContain(phone);
  });

  test('that failed is announced by the bell, which leads to it', async ({ open }) => {
    const shop = await openShop();
    const { id } = await waiting(shop);
    const page = await open('root', { scope: 'ZR7' });
    await see(heading(page, 'Cockpit'));
    // Its buyer's only address is on the list of those that never receive mail.
    await as('root').PUT('/api/clients/{id}', { params: { path: { id: shop.buyerId } }, body: { email: `leads@mailinator.com` } });
    await as('root').POST('/api/deliveries/{id}/send', { params: { path: { id } }, body: {} });
    const bell = page.getByRole('button', { name: /^Notifications, \d+ non lue/ });
    await bell.click();
    await page.getByRole('button', { name: /^Envoi en échec.*client_not_deliverable/ }).first().click();
    await see(heading(page, new RegExp(`${shop.buyerName}.*En échec`)));
  });

  test('is rejected with the buyer’s words: it no longer counts, and the lead looks for another buyer', async ({ open }) => {
    const shop = await openShop();
    const { id, phone } = await waiting(shop);
    const page = await open('admin', { at: `/deliveries/${id}` });
    await page.getByRole('button', { name: 'Envoyer', exact: true }).click();
    await see(heading(page, /Envoyée/));
    await page.getByRole('button', { name: 'Rejeter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rejeter ce lead ?' });
    await dialog.getByRole('button', { name: 'Rejeter' }).click();
    await see(dialog.getByText('Obligatoire'));
    await field(dialog, 'Les mots du client').fill('Numéro non attribué');
    await dialog.getByRole('button', { name: 'Rejeter' }).click();
    await see(said(page, 'Rejeté ; le lead repart en circulation'));
    await see(heading(page, /Rejetée/));
    await see(page.getByText('Numéro non attribué').first());
    await gone(page.getByRole('button', { name: 'Rejeter' }));

    await page.getByRole('link', { name: spaced(phone) }).click();
    await see(heading(page, /Doublon/));
    await page.goto(`/buyers/${shop.buyerId}`);
    const figure = (label: string) => page.getByRole('link', { name: new RegExp(`^${label}`) });
    expect(await figure('Facturables').textContent()).toBe('Facturables0');
    expect(await figure('Rejetée').textContent()).toMatch(/^Rejetée1/);
  });

  test('that waits is given up with a reason', async ({ open }) => {
    const shop = await openShop();
    const { id } = await waiting(shop);
    const page = await open('admin', { at: `/deliveries/${id}` });
    await page.getByRole('button', { name: 'Abandonner' }).click();
    const dialog = page.getByRole('dialog', { name: 'Abandonner cette livraison ?' });
    await field(dialog, 'Motif').fill('Doublon connu');
    await dialog.getByRole('button', { name: 'Abandonner' }).click();
    await see(heading(page, /Abandonnée/));
    await see(page.getByText('Doublon connu').first());
  });

  test('is sent with others that were selected in the list', async ({ open }) => {
    const shop = await openShop();
    const first = await waiting(shop);
    const second = await waiting(shop);
    const page = await open('admin', { at: `/deliveries?buyer=${shop.buyerId}` });
    for (const { phone } of [first, second]) await row(page, 'Livraisons', spaced(phone)).getByRole('checkbox').check();
    await page.getByRole('toolbar', { name: 'Avec les lignes sélectionnées' }).getByRole('button', { name: 'Envoyer 2' }).click();
    await see(said(page, '2 livraisons partent'));
    for (const { phone } of [first, second]) await see(row(page, 'Livraisons', spaced(phone)).getByText('Envoyée'));
  });
});
