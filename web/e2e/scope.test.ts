import { describe } from 'vitest';
import { as, expect, gone, heading, openAccount, row, rows, said, see, signIn, switchScope, test, unique, USERS } from './support.ts';

describe('the scope', () => {
  test('is one entity or all, and everything on the page follows', async ({ open }) => {
    const word = `Portée${unique()}`;
    for (const entity of ['ZR7', 'MDL']) await as('root', entity).POST('/api/clients', { body: { entity, name: `${word} ${entity}`, email: `leads@${entity}-${unique()}.example` } });
    const page = await open('root', { at: `/buyers?search=${word}`, scope: 'ALL' });
    const entities = () => rows(page, 'Clients').getByText(/^(ZR7|MDL)$/).allTextContents();
    await see(row(page, 'Clients', `${word} MDL`));
    expect(new Set(await entities())).toEqual(new Set(['ZR7', 'MDL']));
    await switchScope(page, /^MDL/);
    await gone(row(page, 'Clients', `${word} ZR7`));
    await see(row(page, 'Clients', `${word} MDL`));
    expect(new Set(await entities())).toEqual(new Set(['MDL']));
    await switchScope(page, /^ZR7/);
    await see(row(page, 'Clients', `${word} ZR7`));
    expect(new Set(await entities())).toEqual(new Set(['ZR7']));
  });

  test('is kept over a reload and over signing out and in again', async ({ open }) => {
    const page = await open('nobody', { at: '/login' });
    await signIn(page, USERS.root);
    await see(heading(page, 'Cockpit'));
    await switchScope(page, /^MDL/);
    await see(page.getByRole('button', { name: 'Entité choisie : MDL' }));
    await page.reload();
    await see(page.getByRole('button', { name: 'Entité choisie : MDL' }));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
    await see(heading(page, 'Connexion'));
    await signIn(page, USERS.root);
    await see(page.getByRole('button', { name: 'Entité choisie : MDL' }));
  });

  test('of all entities changes nothing, and says what to do instead', async ({ open }) => {
    const page = await open('root', { at: '/orders', scope: 'ALL' });
    await see(page.getByText('Vous voyez toutes les entités. Pour modifier, choisissez une entité en haut de l’écran.'));
    const create = page.getByRole('button', { name: 'Nouvelle commande' });
    expect(await create.isDisabled()).toBe(true);
    expect(await create.getAttribute('title')).toBe('Choisissez d’abord une entité : une modification porte sur une seule à la fois.');
    await see(rows(page, 'Commandes').first());
    expect(await rows(page, 'Commandes').first().getByRole('switch').isDisabled()).toBe(true);
    await switchScope(page, /^ZR7/);
    await gone(page.getByText('Vous voyez toutes les entités.'));
    expect(await create.isEnabled()).toBe(true);
  });

  test('of who belongs to one entity is that entity, whatever the browser remembers', async ({ open }) => {
    const page = await open('admin', { at: '/buyers?search=soleil', scope: 'MDL' });
    await see(row(page, 'Clients', 'Soleil Habitat'));
    expect(await page.getByTestId('scope').textContent()).toBe('ZR7');
    expect(await page.getByTestId('scope').isDisabled()).toBe(true);
    expect(new Set(await rows(page, 'Clients').getByText(/^(ZR7|MDL)$/).allTextContents())).toEqual(new Set(['ZR7']));
  });

  test('holds for what is written: a buyer is created in the entity in scope', async ({ open }) => {
    const page = await open('root', { at: '/buyers', scope: 'MDL' });
    const name = `Portée ${Date.now()}`;
    await page.getByRole('button', { name: 'Nouveau client' }).click();
    await page.getByRole('textbox', { name: 'Nom', exact: true }).fill(name);
    await page.getByRole('textbox', { name: 'E-mail', exact: true }).fill(`portee-${Date.now()}@portee.example`);
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    await see(heading(page, new RegExp(name)));
    const { data } = await as('root', 'MDL').GET('/api/clients', { params: { query: { search: name } } });
    expect(data?.items.map((buyer) => buyer.entity)).toEqual(['MDL']);
  });
});
