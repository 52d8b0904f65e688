import { describe } from 'vitest';
import { addPerson, arrive, as, expect, field, gone, heading, openAccount, openShop, PASSWORD, said, see, settled, signIn, test, USERS } from './support.ts';

describe('an unsaved form', () => {
  test('survives a reload, says so, and is given up by a click', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/buyers/${shop.buyerId}` });
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier le client' });
    await field(form, 'Contact').fill('Pas encore enregistrée');
    await page.reload();
    await page.getByRole('button', { name: 'Modifier' }).click();
    await see(form.getByText('Votre saisie a été retrouvée.'));
    expect(await field(form, 'Contact').inputValue()).toBe('Pas encore enregistrée');
    await form.getByRole('button', { name: 'L’abandonner' }).click();
    expect(await field(form, 'Contact').inputValue()).toBe('');
    await page.reload();
    await page.getByRole('button', { name: 'Modifier' }).click();
    await see(form);
    await gone(form.getByText('Votre saisie a été retrouvée.'));
  });

  test('survives a session that ends: signing in leads back to it', async ({ open }) => {
    const person = await addPerson();
    const shop = await openShop();
    const at = `/buyers/${shop.buyerId}?tab=summary`;
    const page = await open('nobody', { at: `/login?back=${encodeURIComponent(at)}`, expected: /401/ });
    await signIn(page, person.email, person.password);
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier le client' });
    await field(form, 'Contact').fill('Tapé avant la fin');
    await page.context().clearCookies();
    // Whichever comes first finds the session gone: the click, or what the page asks by itself, which takes the button away.
    await Promise.any([form.getByRole('button', { name: 'Enregistrer' }).click(), see(heading(page, 'Connexion'))]);
    await see(heading(page, 'Connexion'));
    await arrive(page, `/login?back=${encodeURIComponent(at)}`);
    await signIn(page, person.email, person.password);
    await arrive(page, at);
    await page.getByRole('button', { name: 'Modifier' }).click();
    await see(form.getByText('Votre saisie a été retrouvée.'));
    expect(await field(form, 'Contact').inputValue()).toBe('Tapé avant la fin');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(page.getByRole('definition').filter({ hasText: 'Tapé avant la fin' }));
  });

  test('is forgotten once it is saved', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/orders/${shop.orderId}` });
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier la commande' });
    await field(form, 'Quota').fill('7');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    await page.reload();
    await page.getByRole('button', { name: 'Modifier' }).click();
    await see(form);
    await gone(form.getByText('Votre saisie a été retrouvée.'));
    expect(await field(form, 'Quota').inputValue()).toBe('7');
  });

  test('that somebody else has overtaken is not saved over what he did', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/buyers/${shop.buyerId}`, expected: /412|409/ });
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier le client' });
    await field(form, 'Contact').fill('Le second');
    await as('root').PUT('/api/clients/{id}', { params: { path: { id: shop.buyerId } }, body: { contact_name: 'Le premier' } });
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByRole('alert').getByText(/modifié/));
    const { data } = await as('root').GET('/api/clients/{id}', { params: { path: { id: shop.buyerId } } });
    expect(data?.contact_name).toBe('Le premier');
  });
});

describe('an address', () => {
  test('opens its page directly and again after a reload, whichever page it is', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit({ nom: 'Adresse' });
    const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
    const pages: Record<string, RegExp> = {
      '/': /Cockpit/,
      '/?week=2026-W01': /Cockpit/,
      '/leads?status=invalid': /Leads/,
      [`/leads/${lead.lead_id}`]: /Adresse/,
      '/deliveries?view=board': /Livraisons/,
      [`/deliveries/${data?.deliveries[0]?.id}`]: new RegExp(shop.buyerName),
      '/orders?view=priority': /Commandes/,
      '/orders?view=mix': /Commandes/,
      [`/orders/${shop.orderId}`]: new RegExp(shop.buyerName),
      '/buyers?search=maison': /Clients/,
      [`/buyers/${shop.buyerId}?tab=coverage`]: new RegExp(shop.buyerName),
      '/departements?shade=status&place=75': /Départements/,
      '/monitoring?tab=sources&range=90d': /Monitoring/,
      '/activity?kind=lead': /Activité/,
      '/providers': /Fournisseurs/,
      '/forms?code=PV-001': /Formulaires/,
      '/users?search=camille': /Utilisateurs/,
      '/settings?tab=policies': /Paramètres/,
      '/operations?tab=runs': /Exploitation/,
      '/account': /Mon compte/,
    };
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    for (const [at, title] of Object.entries(pages)) {
      await page.goto(at);
      await see(heading(page, title));
      await page.reload();
      await see(heading(page, title));
      await arrive(page, at);
    }
  });

  test('that says what no page knows still opens the page', async ({ open }) => {
    const page = await open('viewer', { at: '/leads?utm_source=letter&week=2026-W99&status=nonsense' });
    await settled(page);
    await see(page.getByRole('grid', { name: 'Leads' }).getByRole('row').nth(1));
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('of nothing says so, and leads back', async ({ open }) => {
    const page = await open('viewer', { at: '/nowhere', expected: /404/ });
    await see(page.getByText('Il n’y a rien ici'));
    await page.goto(`/leads/${crypto.randomUUID()}`);
    await see(page.getByRole('main').getByText('Il n’y a rien ici'));
    await page.getByRole('main').getByRole('link', { name: 'Leads' }).click();
    await arrive(page, '/leads');
  });
});

describe('what one has chosen', () => {
  test('in language and colours is there again after signing out and in', async ({ open }) => {
    const page = await open('nobody', { at: '/login' });
    await signIn(page, USERS.viewer);
    await see(heading(page, 'Cockpit'));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Sombre' }).click();
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('button', { name: /^Account of / }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await see(heading(page, 'Sign in'));
    await field(page, 'E-mail address').fill(USERS.viewer);
    await field(page, 'Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page.getByRole('link', { name: 'Deliveries' }));
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
  });

  test('in language and colours is kept', async ({ open }) => {
    const page = await open('viewer');
    await see(heading(page, 'Cockpit'));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Sombre' }).click();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'English' }).click();
    await see(page.getByRole('link', { name: 'Deliveries' }));
    await page.reload();
    await see(page.getByRole('link', { name: 'Deliveries' }));
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  test('is what the browser prefers until one has chosen', async ({ open }) => {
    const page = await open('viewer', { at: '/leads', locale: 'en-GB', scheme: 'dark' });
    await see(heading(page, 'Leads'));
    await see(page.getByRole('button', { name: 'Every week' }).or(page.getByRole('button', { name: /week/i })).first());
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
  });

  test('of a table’s columns is kept', async ({ open }) => {
    const page = await open('viewer', { at: '/leads' });
    await settled(page);
    await page.getByRole('button', { name: 'Colonnes' }).click();
    await page.getByRole('checkbox', { name: 'E-mail' }).check();
    await see(page.getByRole('columnheader', { name: 'E-mail' }));
    await page.reload();
    await see(page.getByRole('columnheader', { name: 'E-mail' }));
  });
});
