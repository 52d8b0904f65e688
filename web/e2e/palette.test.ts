import type { Locator, Page } from 'playwright-core';
import { describe } from 'vitest';
import { arrive, gone, heading, openShop, see, spaced, test, unique, waiting } from './support.ts';

/** The field of the palette. */
function palette(page: Page): Locator {
  return page.getByRole('dialog').getByLabel('Nom, téléphone, client, page…');
}

describe('the palette', () => {
  test('finds a lead by its telephone number in any spelling, and a buyer by its name', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit({ nom: `Palette${unique()}` });
    const page = await open('viewer');
    await see(heading(page, 'Cockpit'));
    await page.keyboard.press('Control+k');
    const box = palette(page);
    await box.fill(`+33 ${spaced(lead.phone).slice(1)}`);
    await page.getByRole('dialog').getByRole('button', { name: /Palette/ }).first().click();
    await see(heading(page, /^Palette/));
    await page.keyboard.press('Control+k');
    await box.fill(shop.buyerName.toLowerCase());
    await page.getByRole('dialog').getByRole('button', { name: new RegExp(`^${shop.buyerName}`) }).first().click();
    await see(heading(page, new RegExp(shop.buyerName)));
  });

  test('finds the orders and the deliveries of a buyer, each of which opens', async ({ open }) => {
    const shop = await openShop();
    const { phone } = await waiting(shop);
    const page = await open('viewer');
    await see(heading(page, 'Cockpit'));
    const hits = page.getByRole('dialog').getByRole('button', { name: shop.buyerName });
    await page.keyboard.press('Control+k');
    await palette(page).fill(shop.buyerName);
    await hits.filter({ hasText: phone }).click();
    await arrive(page, /^\/deliveries\/./);
    await see(heading(page, new RegExp(`${shop.buyerName}.*En attente`)));
    await page.keyboard.press('Control+k');
    await palette(page).fill(shop.buyerName);
    await hits.filter({ hasText: `${shop.product} · ` }).filter({ hasNotText: phone }).click();
    await arrive(page, `/orders/${shop.orderId}`);
  });

  test('does what has a name', async ({ open }) => {
    const page = await open('root', { scope: 'ZR7' });
    await see(heading(page, 'Cockpit'));
    const act = async (words: string, name: string) => {
      await page.keyboard.press('Control+k');
      await palette(page).fill(words);
      await see(page.getByRole('dialog').getByRole('button', { name }));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    };
    await act('en échec', 'Livraisons en échec');
    await arrive(page, '/deliveries?status=failed');
    await act('nouveau form', 'Nouveau formulaire');
    await see(page.getByRole('dialog', { name: 'Nouveau formulaire' }));
    await page.keyboard.press('Escape');
    await gone(page.getByRole('dialog'));
    await act('audit', 'Audit');
    await see(heading(page, 'Audit'));
    await act('alertes', 'Alertes');
    await see(heading(page, 'Alertes'));
    await act('clair ou', 'Clair ou sombre');
    await see(page.locator('html[data-mantine-color-scheme=dark] body'));
  });

  test('opens pages by name and keyboard alone, and only those that are open to the person', async ({ open }) => {
    const page = await open('viewer');
    await see(heading(page, 'Cockpit'));
    await page.keyboard.press('/');
    await see(palette(page));
    await page.keyboard.type('livr');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await see(heading(page, 'Livraisons'));
    await page.keyboard.press('Control+k');
    await see(palette(page));
    await page.keyboard.type('utilisateurs');
    await see(page.getByText('Aucun résultat'));
  });

  test('has shortcuts beside it: G and a letter open a page, ? lists them', async ({ open }) => {
    const page = await open('viewer');
    await see(heading(page, 'Cockpit'));
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await see(heading(page, 'Leads'));
    await page.keyboard.press('?');
    await see(page.getByRole('dialog', { name: 'Clavier' }));
  });
});
