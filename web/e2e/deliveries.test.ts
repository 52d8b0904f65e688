import { describe } from 'vitest';
import { field, gone, heading, openShop, row, said, see, spaced, test, waiting } from './support.ts';

describe('a delivery', () => {
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
    await see(figure('Facturables').filter({ hasText: /^Facturables0$/ }));
    await see(figure('Rejetée').filter({ hasText: /^Rejetée1/ }));
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
