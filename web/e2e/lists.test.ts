import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { arrive, as, choose, expect, gone, heading, openShop, row, rows, said, see, sendNow, settled, spaced, test, unique, until, waiting } from './support.ts';

async function download(page: Page): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Exporter' }).click()]);
  return readFileSync(await file.path(), 'utf8');
}

/** The fields of each line of a CSV file, as a spreadsheet reads them. */
function table(csv: string): string[][] {
  const lines = csv.replace(/^\uFEFF/, '').trimEnd().split('\r\n');
  return lines.map((line) => [...line.matchAll(/(?:^|;)(?:"((?:[^"]|"")*)"|([^;]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''));
}

describe('filters', () => {
  test('of leads stand in the address, every one of them, and are there again after a reload and on the way back from a lead', async ({ open }) => {
    const source = `source-${unique()}`;
    const shop = await openShop();
    const lead = await shop.submit({ nom: 'Adresse', departement: '69', utm_source: source });
    await shop.submit({ nom: 'Adresse', departement: '75', utm_source: source });
    const page = await open('admin', { at: '/leads' });
    await page.getByRole('searchbox', { name: 'Téléphone, nom ou e-mail' }).fill('adresse');
    await arrive(page, '/leads?search=adresse');
    await choose(page.getByRole('combobox', { name: 'Produit' }), new RegExp(`^${shop.product} `));
    await page.getByRole('searchbox', { name: 'Source' }).fill(source);
    await arrive(page, new RegExp(`source=${source}`));
    await until(async () => expect(await rows(page, 'Leads').count()).toBe(2));
    await choose(page.getByRole('combobox', { name: 'Département' }), /^69/);
    await page.getByRole('group', { name: 'Statut' }).getByRole('button', { name: 'Affecté' }).click();
    await page.getByRole('button', { name: 'Toutes les semaines' }).click();
    await arrive(page, /week=/);
    const [, asked = ''] = page.url().split('?');
    expect(Object.fromEntries(new URLSearchParams(asked))).toEqual({ search: 'adresse', product: shop.product, source, departement: '69', status: 'routed', week: expect.stringMatching(/^\d{4}-W\d\d$/) });
    const same = async () => {
      await until(async () => expect(await rows(page, 'Leads').count()).toBe(1));
      await see(row(page, 'Leads', spaced(lead.phone)));
      expect(await page.getByRole('searchbox', { name: 'Source' }).inputValue()).toBe(source);
      await until(async () => expect(await page.getByRole('combobox', { name: 'Département' }).inputValue()).toMatch(/^69/));
      expect(await page.getByRole('group', { name: 'Statut' }).getByRole('button', { name: 'Affecté' }).getAttribute('aria-pressed')).toBe('true');
      await see(page.getByRole('button', { name: /^Semaine du/ }));
    };
    await same();
    await page.reload();
    await same();
    await row(page, 'Leads', spaced(lead.phone)).click();
    await see(heading(page, /Adresse/));
    await page.goBack();
    await arrive(page, `/leads?${asked}`);
    await same();
    await page.getByRole('button', { name: 'Effacer les filtres' }).click();
    await arrive(page, '/leads');
    await until(async () => expect(await rows(page, 'Leads').count()).toBeGreaterThan(1));
    expect(await page.getByRole('searchbox', { name: 'Source' }).inputValue()).toBe('');
  });

  test('of deliveries stand in the address and are there again after a reload, as a board too', async ({ open }) => {
    const shop = await openShop();
    const { id, phone } = await waiting(shop);
    await sendNow(id);
    await as('root').POST('/api/deliveries/{id}/reject-leads', { params: { path: { id } }, body: { reason: 'Faux numéro' } });
    await waiting(shop);
    const page = await open('admin', { at: '/deliveries' });
    await choose(page.getByRole('combobox', { name: 'Produit' }), new RegExp(`^${shop.product} `));
    await until(async () => expect(await rows(page, 'Livraisons').count()).toBe(2));
    await choose(page.getByRole('combobox', { name: 'Issue' }), 'Rejetée');
    await arrive(page, `/deliveries?product=${shop.product}&outcome=rejected`);
    await until(async () => expect(await rows(page, 'Livraisons').count()).toBe(1));
    await page.reload();
    await see(row(page, 'Livraisons', spaced(phone)));
    expect(await rows(page, 'Livraisons').count()).toBe(1);
    await page.getByRole('radio', { name: 'Tableau par statut' }).locator('..').click();
    await arrive(page, /view=board/);
    await page.reload();
    await see(page.getByRole('region', { name: 'Envoyée' }).getByText(spaced(phone)));
    await settled(page);
    expect(await page.getByRole('main').getByRole('link', { name: new RegExp(shop.buyerName) }).count()).toBe(1);
  });

  test('L-65 combine: deliveries of one buyer, in one state, of one week', async ({ open }) => {
    const shop = await openShop();
    const sent = await shop.submit();
    const kept = await shop.submit();
    const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: sent.lead_id } } });
    await as('root').POST('/api/deliveries/{id}/send', { params: { path: { id: data?.deliveries[0]?.id ?? '' } }, body: {} });
    const page = await open('admin', { at: '/deliveries' });
    await choose(page.getByRole('combobox', { name: 'Client' }), new RegExp(shop.buyerName));
    await see(row(page, 'Livraisons', spaced(sent.phone)));
    await until(async () => expect(await rows(page, 'Livraisons').count()).toBe(2));
    await choose(page.getByRole('combobox', { name: 'Statut' }), 'En attente');
    await gone(row(page, 'Livraisons', spaced(sent.phone)));
    await see(row(page, 'Livraisons', spaced(kept.phone)));
    await page.getByRole('button', { name: 'Semaine précédente' }).click();
    await see(page.getByText('Aucune livraison ne correspond à ces filtres.'));
    await page.getByRole('button', { name: 'Semaine suivante' }).click();
    await see(row(page, 'Livraisons', spaced(kept.phone)));
    await arrive(page, /buyer=.*&status=pending_csv&week=\d{4}-W\d{2}/);
    await page.getByRole('button', { name: 'Effacer les filtres' }).click();
    await arrive(page, '/deliveries');
    await until(async () => expect(await rows(page, 'Livraisons').count()).toBeGreaterThan(10));
  });

  test('L-65 combine: leads of one product that a search finds', async ({ open }) => {
    const name = `Croisé${unique()}`;
    const shops = [await openShop(), await openShop()];
    const [one, other] = await Promise.all(shops.map((shop) => shop.submit({ nom: name })));
    const page = await open('admin', { at: '/leads' });
    await page.getByRole('searchbox', { name: 'Téléphone, nom ou e-mail' }).fill(name);
    await until(async () => expect(await rows(page, 'Leads').count()).toBe(2));
    await choose(page.getByRole('combobox', { name: 'Produit' }), new RegExp(`^${shops[0]?.product} `));
    await gone(row(page, 'Leads', spaced(other?.phone ?? '')));
    await see(row(page, 'Leads', spaced(one?.phone ?? '')));
    await page.getByRole('group', { name: 'Statut' }).getByRole('button', { name: 'Invalide' }).click();
    await see(page.getByText('Aucun lead ne correspond à ces filtres.'));
    await page.goBack();
    await page.goForward();
    await see(page.getByText('Aucun lead ne correspond à ces filtres.'));
  });
});

/** What may be done with the rows selected. */
function bar(page: Page): Locator {
  return page.getByRole('toolbar', { name: 'Avec les lignes sélectionnées' });
}

describe('rows selected', () => {
  test('change their status together; those that may not are named and stay', async ({ open }) => {
    const shop = await openShop({ order: false });
    const leads = [await shop.submit(), await shop.submit()];
    const page = await open('admin', { at: `/leads?product=${shop.product}` });
    for (const { phone } of leads) await row(page, 'Leads', spaced(phone)).getByRole('checkbox').check();
    await bar(page).getByRole('button', { name: 'Changer le statut' }).click();
    const dialog = page.getByRole('dialog', { name: 'Changer le statut' });
    await choose(dialog.getByRole('combobox', { name: 'Statut' }), 'Invalide');
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    await see(dialog.getByText('Obligatoire'));
    await dialog.getByRole('textbox', { name: 'Motif' }).fill('Essai');
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, '2 leads modifiés'));
    for (const { phone } of leads) await see(row(page, 'Leads', spaced(phone)).getByText('Invalide'));
    await gone(bar(page));
  });

  test('are deleted together, but not a lead that a buyer has had', async ({ open }) => {
    const shop = await openShop();
    const { id, phone } = await waiting(shop);
    await sendNow(id);
    const free = await shop.submit({ departement: '' });
    const page = await open('admin', { at: `/leads?product=${shop.product}` });
    await until(async () => expect(await rows(page, 'Leads').count()).toBe(2));
    await page.getByRole('checkbox', { name: 'Sélectionner toutes les lignes affichées' }).check();
    await bar(page).getByRole('button', { name: 'Supprimer' }).click();
    await page.getByRole('dialog', { name: 'Supprimer les leads sélectionnés ?' }).getByRole('button', { name: 'Supprimer' }).click();
    await see(said(page, '1 lead modifié'));
    await see(said(page, '1 lead refusé'));
    await gone(row(page, 'Leads', spaced(free.phone)));
    await see(row(page, 'Leads', spaced(phone)));
  });

  test('of deliveries are given up, and those that failed put back, together', async ({ open }) => {
    const shop = await openShop();
    const [failed, open1, open2] = [await waiting(shop), await waiting(shop), await waiting(shop)];
    await as('root').PUT('/api/clients/{id}', { params: { path: { id: shop.buyerId } }, body: { email: `leads-${unique()}@mailinator.com` } });
    await as('root').POST('/api/deliveries/{id}/send', { params: { path: { id: failed.id } }, body: {} });
    const page = await open('admin', { at: `/deliveries?buyer=${shop.buyerId}` });
    await see(row(page, 'Livraisons', spaced(failed.phone)).getByText('En échec'));
    await row(page, 'Livraisons', spaced(failed.phone)).getByRole('checkbox').check();
    await bar(page).getByRole('button', { name: 'Remettre en attente (1)' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Remettre/ }).click();
    await see(row(page, 'Livraisons', spaced(failed.phone)).getByText('En attente'));
    for (const { phone } of [open1, open2]) await row(page, 'Livraisons', spaced(phone)).getByRole('checkbox').check();
    await bar(page).getByRole('button', { name: 'Abandonner (2)' }).click();
    await page.getByRole('dialog', { name: 'Abandonner ces livraisons ?' }).getByRole('button', { name: /^Abandonner/ }).click();
    await see(said(page, '2 livraisons modifiées'));
    for (const { phone } of [open1, open2]) await see(row(page, 'Livraisons', spaced(phone)).getByText('Abandonnée'));
    await see(row(page, 'Livraisons', spaced(failed.phone)).getByText('En attente'));
  });
});

describe('an export', () => {
  test('holds the rows that the filters show, and no formula that a spreadsheet would run', async ({ open }) => {
    const shop = await openShop();
    const first = await shop.submit({ nom: '=HYPERLINK("http://elsewhere.example")', prenom: '@SUM(1)' });
    const second = await shop.submit({ nom: 'Point-virgule; "et guillemets"' });
    const page = await open('admin', { at: `/leads?product=${shop.product}` });
    await until(async () => expect(await rows(page, 'Leads').count()).toBe(2));
    const [head, ...lines] = table(await download(page));
    expect(head).toEqual(expect.arrayContaining(['phone', 'nom', 'prenom', 'status']));
    const column = (name: string) => lines.map((line) => line[head?.indexOf(name) ?? -1]);
    expect(new Set(column('phone'))).toEqual(new Set([first.phone, second.phone]));
    expect(column('nom')).toContain('Point-virgule; "et guillemets"');
    for (const field of lines.flat()) expect(field).not.toMatch(/^[=+@-]/);
  });

  test('of deliveries holds those of the buyer chosen', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit();
    const page = await open('admin', { at: `/deliveries?buyer=${shop.buyerId}` });
    await see(row(page, 'Livraisons', spaced(lead.phone)));
    const file = table(await download(page));
    expect(file).toHaveLength(2);
    expect(file[1]?.join()).toContain(lead.phone);
  });

  test('is not offered without the permission, nor answered', async ({ open }) => {
    const page = await open('ops', { at: '/deliveries' });
    await see(rows(page, 'Livraisons').first());
    await gone(page.getByRole('button', { name: 'Exporter' }));
    await expect(as('ops').GET('/api/leads/export', { parseAs: 'text' })).rejects.toThrow(/403.*leads\.export/);
  });
});

describe('a view', () => {
  test('is kept under a name, for oneself or for all, opened from the menu, and deleted by its owner', async ({ open }) => {
    const name = `Vue ${unique()}`;
    const view = new RegExp(`^(Partagée )?${name}`);
    const page = await open('admin', { at: '/leads?status=no_open_orders&product=PV' });
    await page.getByRole('button', { name: 'Garder cette vue' }).click();
    await page.getByRole('textbox', { name: 'Nom' }).fill(name);
    await page.getByRole('checkbox', { name: 'Pour tout le monde ici' }).check();
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'La vue est gardée'));

    const other = await open('viewer', { at: '/leads' });
    await other.getByRole('button', { name: 'Vues' }).click();
    await other.getByRole('menuitem', { name: view }).click();
    await arrive(other, '/leads?status=no_open_orders&product=PV');
    expect(await other.getByRole('button', { name: 'Sans commande' }).getAttribute('aria-pressed')).toBe('true');
    await other.getByRole('button', { name: 'Vues' }).click();
    await see(other.getByRole('menuitem', { name: view }));
    await gone(other.getByRole('menuitem', { name: `Supprimer la vue ${name}` }));

    await page.goto('/leads');
    await page.getByRole('button', { name: 'Vues' }).click();
    await page.getByRole('menuitem', { name: `Supprimer la vue ${name}` }).click();
    await gone(page.getByRole('menuitem', { name: view }));
  });
});
