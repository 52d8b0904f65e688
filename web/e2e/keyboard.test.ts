import { describe } from 'vitest';
import type { Locator } from 'playwright-core';
import { arrive, as, choose, expect, field, gone, heading, openShop, PASSWORD, row, rows, said, see, settled, test, unique, USERS, goTo, waiting } from './support.ts';
import { holdsKeyboard, tabTo, walkThrough } from './tabs.ts';

const LONG_MS = 120_000;

function hasKeyboard(target: Locator): Promise<void> {
  return expect.poll(() => holdsKeyboard(target), { timeout: 10_000 }).toBe(true);
}

function place(within: Locator, code: string): Locator {
  return within.locator(`path[data-code="${code}"]`);
}

describe('with Tab alone, everything that can be pressed is reached and shows it', () => {
  test('before one is signed in', async ({ open }) => {
    const page = await open('nobody', { at: '/login' });
    await settled(page);
    const faults: string[] = [];
    for (const at of ['/login', '/forgot-password', '/reset-password#token=none']) {
      await goTo(page, at);
      faults.push(...(await walkThrough(page)));
    }
    expect(faults).toEqual([]);
  });

  test('on the pages of the daily work', async ({ open }) => {
    const shop = await openShop();
    const { id, leadId } = await waiting(shop);
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const faults: string[] = [];
    for (const at of ['/', '/leads?product=PV', '/deliveries', `/deliveries?view=board&product=${shop.product}`, '/orders', `/orders?view=priority&product=${shop.product}`, '/buyers', `/leads/${leadId}`, `/deliveries/${id}`, `/orders/${shop.orderId}`, `/buyers/${shop.buyerId}`, `/buyers/${shop.buyerId}?tab=crm`]) {
      await goTo(page, at);
      faults.push(...(await walkThrough(page)));
    }
    expect(faults).toEqual([]);
  }, LONG_MS);

  test('on the pages for watching and setting up', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const faults: string[] = [];
    for (const at of ['/departements', '/monitoring', '/activity', '/providers', '/forms', '/users', '/settings', '/settings?tab=mail', '/settings?tab=gating', '/settings?tab=policies', '/operations', '/operations?tab=jobs', '/operations?tab=mail', '/account']) {
      await goTo(page, at);
      faults.push(...(await walkThrough(page)));
    }
    expect(faults).toEqual([]);
  }, LONG_MS);

  test('on the pages of the audit and of alerts', async ({ open }) => {
    await as('root', 'ALL').POST('/api/alerts/checks', {});
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const faults: string[] = [];
    for (const at of ['/audit?section=security', '/alerts', '/alerts?tab=rules', '/settings?tab=alerts']) {
      await goTo(page, at);
      faults.push(...(await walkThrough(page)));
    }
    expect(faults).toEqual([]);
  }, LONG_MS);

  test('in forms at the side, which keep the keyboard until they are closed', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const faults: string[] = [];
    for (const [at, name] of [['/orders', 'Nouvelle commande'], ['/buyers', 'Nouveau client'], ['/users', 'Nouvel utilisateur'], ['/providers', 'Nouveau fournisseur'], ['/forms', 'Nouveau formulaire']] as const) {
      await goTo(page, at);
      await page.getByRole('button', { name }).first().click();
      const form = page.getByRole('dialog', { name });
      await see(form);
      await settled(page);
      faults.push(...(await walkThrough(page, form)));
    }
    expect(faults).toEqual([]);
  }, LONG_MS);
});

describe('with the keyboard alone one', () => {
  test('signs in, and goes past the menu to the content', async ({ open }) => {
    const page = await open('nobody', { at: '/login' });
    await hasKeyboard(field(page, 'Adresse e-mail'));
    await page.keyboard.type(USERS.viewer);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await see(heading(page, 'Cockpit'));
    await page.goto('/leads');
    await settled(page);
    await page.keyboard.press('Tab');
    await hasKeyboard(page.getByRole('link', { name: 'Aller au contenu' }));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.getByRole('main').evaluate((main) => main.contains(document.activeElement))).toBe(true);
  });

  test('walks through a list by arrows, J and K, selects, opens a row with Enter and comes back to it', async ({ open }) => {
    const page = await open('root', { at: '/leads', scope: 'ZR7' });
    await settled(page);
    const line = (index: number) => rows(page, 'Leads').and(page.locator(`[data-index="${index}"]`));
    const bar = page.getByRole('toolbar', { name: 'Avec les lignes sélectionnées' });
    await tabTo(page, line(0));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await hasKeyboard(line(2));
    await page.keyboard.press('ArrowUp');
    await hasKeyboard(line(1));
    await page.keyboard.press('x');
    await page.keyboard.press('k');
    await hasKeyboard(line(0));
    await page.keyboard.press(' ');
    await see(bar.getByText('2 sélectionnées'));
    await page.keyboard.press('x');
    await see(bar.getByText('1 sélectionnée'));
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => Number(document.activeElement?.getAttribute('data-index')))).toBeGreaterThan(10);
    await page.keyboard.press('Home');
    await hasKeyboard(line(0));
    await page.keyboard.press('Enter');
    await arrive(page, /^\/leads\/./);
    await page.goBack();
    await see(line(0));
  });

  test('opens what is listed on the other pages', async ({ open }) => {
    const page = await open('viewer', { at: '/account' });
    await settled(page);
    for (const [at, name] of [['/deliveries', 'Livraisons'], ['/orders', 'Commandes'], ['/buyers', 'Clients']] as const) {
      await goTo(page, at);
      await tabTo(page, rows(page, name).first());
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await arrive(page, new RegExp(`^${at}/.`));
      await see(heading(page, /./));
    }
  });

  test('opens a row at the side, and is back on it after Escape', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    for (const [at, name] of [['/departements', 'Départements'], ['/providers', 'Fournisseurs'], ['/forms', 'Formulaires'], ['/users', 'Utilisateurs'], ['/operations?tab=jobs', 'Tâches']] as const) {
      await goTo(page, at);
      await tabTo(page, rows(page, name).first());
      await page.keyboard.press('Enter');
      await see(page.getByRole('dialog'));
      await page.keyboard.press('Escape');
      await gone(page.getByRole('dialog'));
      await hasKeyboard(rows(page, name).first());
    }
  });

  test('asks “what if”, and is back on its button after Escape', async ({ open }) => {
    const shop = await openShop();
    const { leadId } = await waiting(shop);
    const page = await open('ops', { at: `/leads/${leadId}` });
    const opener = page.getByRole('button', { name: 'Et si…' });
    await tabTo(page, opener);
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog', { name: 'Que deviendrait ce lead ?' });
    await tabTo(page, field(drawer, 'Modifier une commande'));
    await page.keyboard.type(shop.buyerName);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await tabTo(page, field(drawer, 'Active'));
    await page.keyboard.press(' ');
    await tabTo(page, drawer.getByRole('button', { name: 'Simuler' }));
    await page.keyboard.press('Enter');
    await see(drawer.getByTestId('simulated').getByText('Sans commande'));
    await page.keyboard.press('Escape');
    await gone(drawer);
    await hasKeyboard(opener);
  });

  test('opens and leaves the menus of the frame, and is back on their buttons', async ({ open }) => {
    const page = await open('root', { at: '/leads', scope: 'ZR7' });
    await settled(page);
    for (const opener of [page.getByTestId('scope'), page.getByRole('button', { name: /^Notifications/ }), page.getByRole('button', { name: /^Compte de / }), page.getByRole('button', { name: 'Rechercher ou aller à…' }), page.getByRole('button', { name: 'Colonnes' })]) {
      await tabTo(page, opener);
      await page.keyboard.press('Enter');
      const opened = page.getByRole('dialog').or(page.getByRole('menu'));
      await see(opened);
      await expect.poll(() => opened.evaluate((one) => one.contains(document.activeElement))).toBe(true);
      await page.keyboard.press('Escape');
      await gone(opened);
      await expect.poll(() => holdsKeyboard(opener), { timeout: 10_000, message: String(opener) }).toBe(true);
    }
  });

  test('moves an order to another priority', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/orders?view=priority&product=${shop.product}` });
    await tabTo(page, page.getByRole('button', { name: new RegExp(`^${shop.buyerName}, `) }));
    await page.keyboard.press(' ');
    await see(page.getByRole('status').getByText('Priorité 5'));
    await page.keyboard.press('ArrowUp');
    await see(page.getByRole('status').getByText('Priorité 4'));
    await page.keyboard.press(' ');
    await see(page.getByRole('region', { name: 'Priorité 4', exact: true }).getByText(shop.buyerName));
    const { data } = await as('root').GET('/api/commandes/{id}', { params: { path: { id: shop.orderId } } });
    expect(data?.priorite).toBe(4);
  });

  test('walks over the map, opens a département there, and chooses some for an order', async ({ open }) => {
    const page = await open('admin', { at: '/departements' });
    await settled(page);
    const map = page.getByRole('group', { name: 'Départements' });
    await tabTo(page, place(map, '01'));
    await page.keyboard.press('ArrowLeft');
    await hasKeyboard(place(map, '69'));
    await page.keyboard.press('Enter');
    await see(page.getByRole('dialog', { name: /^69 Rhône/ }));
    await page.keyboard.press('Escape');
    await gone(page.getByRole('dialog'));
    await hasKeyboard(place(map, '69'));

    const shop = await openShop({ order: false });
    await page.goto('/orders');
    await tabTo(page, page.getByRole('button', { name: 'Nouvelle commande' }));
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Nouvelle commande' });
    await tabTo(page, field(form, 'Client'));
    await page.keyboard.type(shop.buyerName);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await choose(field(form, 'Produit'), new RegExp(`^${shop.product} `));
    await tabTo(page, place(form, '01'));
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await tabTo(page, form.getByRole('button', { name: 'Enregistrer' }));
    await page.keyboard.press('Enter');
    await see(said(page, 'Enregistré'));
    const { data } = await as('root').GET('/api/commandes', { params: { query: { entity: 'ZR7', buyer: shop.buyerId } } });
    expect(data?.items.map(({ departements }) => departements)).toEqual([['01', '69']]);
  });

  test('gives a provider a new key', async ({ open }) => {
    const slug = `essai-${unique()}`;
    await as('root').POST('/api/providers', { body: { entity: 'ZR7', name: `Fournisseur ${slug}`, slug, consent_by_contract: true } });
    const page = await open('admin', { at: '/providers' });
    const opener = row(page, 'Fournisseurs', slug).getByRole('button', { name: 'Nouvelle clé' });
    await tabTo(page, opener);
    await page.keyboard.press('Enter');
    await see(page.getByRole('dialog', { name: `Donner une nouvelle clé à Fournisseur ${slug} ?` }));
    await page.keyboard.press('Enter');
    const shown = page.getByRole('dialog', { name: `La clé de Fournisseur ${slug}` });
    await tabTo(page, shown.getByRole('button', { name: 'Je l’ai gardée' }));
    await page.keyboard.press('Enter');
    await gone(page.getByRole('dialog'));
    await hasKeyboard(opener);
  });
});
