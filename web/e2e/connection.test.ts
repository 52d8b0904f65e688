import { describe } from 'vitest';
import { as, expect, field, gone, heading, openShop, row, see, test, until } from './support.ts';

const LOST = /ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/;

describe('a lost connection', () => {
  test('is said, what was typed survives it, and is saved once it is back', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit();
    const page = await open('admin', { at: `/leads/${lead.lead_id}`, expected: LOST });
    const note = page.getByRole('textbox', { name: 'Écrire une note' });
    await until(() => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('NotificationHost'))).then((fetched) => expect(fetched).toBe(true)));
    await note.fill('Rappeler après 18 heures');
    await page.context().setOffline(true);
    await see(page.getByRole('status').getByText('Vous êtes hors ligne.'));
    await page.getByRole('button', { name: 'Ajouter' }).click();
    await see(page.getByRole('alert').getByText('Le service ne répond pas. Vérifiez votre connexion.'));
    expect(await note.inputValue()).toBe('Rappeler après 18 heures');

    await page.context().setOffline(false);
    await gone(page.getByRole('status').getByText('Vous êtes hors ligne.'));
    await page.getByRole('button', { name: 'Ajouter' }).click();
    await see(page.getByText('Rappeler après 18 heures').and(page.locator('.quoted')));
    expect(await note.inputValue()).toBe('');
    const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
    expect(data?.notes.map(({ text }) => text)).toEqual(['Rappeler après 18 heures']);
  });

  test('keeps a note over a reload of the page, too', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit();
    const page = await open('admin', { at: `/leads/${lead.lead_id}` });
    await page.getByRole('textbox', { name: 'Écrire une note' }).fill('À demi écrit');
    await page.reload();
    await see(heading(page, /Essai/));
    expect(await page.getByRole('textbox', { name: 'Écrire une note' }).inputValue()).toBe('À demi écrit');
  });

  test('that ends brings up to date what is on screen', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: '/leads', expected: LOST });
    await see(heading(page, 'Leads'));
    await page.context().setOffline(true);
    await see(page.getByRole('status').getByText('Vous êtes hors ligne.'));
    await shop.submit({ nom: `Pendant-${shop.product}` });
    await page.context().setOffline(false);
    await see(row(page, 'Leads', `Pendant-${shop.product}`));
  });

  test('keeps the values of a form that could not be saved', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/buyers/${shop.buyerId}`, expected: LOST });
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier le client' });
    await field(form, 'Contact').fill('Madame Hors-Ligne');
    await page.context().setOffline(true);
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByRole('alert').getByText('Le service ne répond pas.'));
    await page.context().setOffline(false);
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await gone(form);
    await see(page.getByRole('definition').filter({ hasText: 'Madame Hors-Ligne' }));
  });
});
