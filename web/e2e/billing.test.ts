import { describe } from 'vitest';
import { arrive, as, choose, expect, field, gone, heading, openShop, row, said, see, sendNow, test, waiting } from './support.ts';

/** What the law asks of a business that is invoiced. */
const LAWFUL = { siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris' };

describe('what a buyer pays', () => {
  test('is set from a day on, credited and paid in advance on its page, and an amount that is none is told at its field', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/buyers/${shop.buyerId}?tab=pricing`, expected: /422/ });
    await see(page.getByText('Aucun prix', { exact: true }));
    await page.getByRole('button', { name: 'Fixer un prix' }).click();
    const form = page.getByRole('dialog', { name: 'Fixer un prix' });
    await choose(field(form, 'Produit'), new RegExp(shop.product));
    await field(form, 'Prix unitaire HT (EUR)').fill('-5');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByRole('alert'));
    await field(form, 'Prix unitaire HT (EUR)').fill('25,50');
    await field(form, 'Remise (%)').fill('10');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(page.getByRole('row', { name: new RegExp(`${shop.product}.*25,50.*10`) }));

    await page.getByRole('button', { name: 'Ajouter un crédit' }).click();
    const credit = page.getByRole('dialog', { name: 'Ajouter un crédit' });
    await choose(field(credit, 'Commande'), new RegExp(shop.product));
    await field(credit, 'Unités').fill('3');
    await credit.getByRole('button', { name: 'Enregistrer' }).click();
    await see(row(page, 'Crédits', 'Geste commercial').getByText('3', { exact: true }));

    await page.getByRole('button', { name: 'Ajouter des unités' }).click();
    const units = page.getByRole('dialog', { name: 'Ajouter des unités' });
    await choose(field(units, 'Produit'), new RegExp(shop.product));
    await field(units, 'Unités').fill('8');
    await units.getByRole('button', { name: 'Enregistrer' }).click();
    await see(page.getByText('Faible'));

    const path = { params: { path: { id: shop.buyerId } } };
    const pricing = await as('root').GET('/api/clients/{id}/pricing', path);
    expect(pricing.data?.products[0]).toMatchObject({ product: shop.product, unit_price_eur: '25.5', discount_pct: '10' });
    const prepaid = await as('root').GET('/api/clients/{id}/prepayment', path);
    expect(prepaid.data?.balances[0]).toMatchObject({ purchased: 8, remaining: 8, status: 'LOW' });
  });
});

describe('a week', () => {
  test('is a preview, then built and invoiced in one go; its rows lead to the lead, and what comes back afterwards is credited', async ({ open }) => {
    const shop = await openShop();
    const client = as('root');
    await client.PUT('/api/parties/{id}', { params: { path: { id: shop.buyerId } }, body: LAWFUL });
    await client.POST('/api/clients/{id}/pricing/product', { params: { path: { id: shop.buyerId } }, body: { product: shop.product, unit_price_eur: '40' } });
    const { id, leadId } = await waiting(shop);
    await sendNow(id);

    const page = await open('admin', { at: '/billing' });
    const mine = page.getByRole('row', { name: new RegExp(shop.buyerName) });
    await see(mine.getByText('48,00 €'));
    await see(page.getByText('Aperçu', { exact: true }));
    await page.getByRole('button', { name: 'Construire le ledger' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Construire le ledger' }).click();
    await see(said(page, 'Le ledger est construit'));
    await see(page.getByText('Ledger construit', { exact: true }));

    await mine.getByRole('link', { name: '1', exact: true }).click();
    await see(heading(page, new RegExp(`${shop.buyerName}.*À facturer`)));
    await page.getByRole('grid', { name: 'Les unités' }).getByRole('link', { name: 'Ouvrir' }).click();
    await arrive(page, `/leads/${leadId}`);
    await page.goto('/billing');
    await page.getByRole('button', { name: 'Facturer' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Émettre les factures' }).click();
    await see(said(page, /factures? émises?/));
    await see(mine.getByText('Facturé', { exact: true }));
    await gone(page.getByRole('button', { name: 'Reconstruire' }));
    await mine.getByRole('link', { name: 'Ouvrir' }).click();
    await see(page.getByText('48,00 €').first());

    await client.POST('/api/deliveries/{id}/reject-leads', { params: { path: { id } }, body: { reason: 'Numéro non attribué' } });
    await page.goto(`/billing?tab=credits&buyer=${shop.buyerId}`);
    await see(row(page, 'Retours', shop.buyerName).getByText('À décider'));
    await page.getByRole('button', { name: 'Émettre l’avoir' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Émettre l’avoir' }).click();
    await see(row(page, 'Retours', shop.buyerName).getByText('Avoir émis'));
    const { data } = await client.GET('/api/documents', { params: { query: { party: shop.buyerId } } });
    expect(data?.items.map(({ kind, gross, status }) => [kind, Number(gross), status])).toEqual([['credit_note', 48, 'paid'], ['invoice', 48, 'paid']]);
  });

  test('of the month is summed by buyer and product, and opens its records', async ({ open }) => {
    const page = await open('admin', { at: '/billing?tab=month' });
    const first = page.getByRole('row').nth(1);
    await see(first);
    await first.getByRole('link').nth(1).click();
    await arrive(page, /tab=records/);
    await see(page.getByRole('grid', { name: 'Relevés' }));
  });

  test('is closed to who may not see billing', async ({ open }) => {
    const page = await open('ops', { at: '/billing' });
    await see(page.getByText('Cette page ne vous est pas ouverte'));
    await gone(page.getByRole('link', { name: 'Facturation', exact: true }));
  });
});

describe('between entities', () => {
  test('a price is set, both sides of the last invoiced week agree, and an invoice opens', async ({ open }) => {
    const page = await open('root', { at: '/intercompany?tab=prices', scope: 'ZR7' });
    const price = page.getByRole('row', { name: /ZR7 → MDL PAC/ });
    await price.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Fixer un prix' });
    await field(form, 'Prix unitaire HT (EUR)').fill('31,25');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(price.getByText('31,25 €'));

    const { data } = await as('root', 'ALL').GET('/api/intercompany/invoices', {});
    const invoice = data?.items[0];
    const all = await open('root', { at: `/intercompany?tab=reconciliation&week=${invoice?.week}`, scope: 'ALL' });
    await see(all.getByText('Concordent').first());
    await gone(all.getByText('Diffèrent'));
    await all.goto('/intercompany?tab=invoices');
    await all.getByRole('link', { name: invoice?.number ?? '' }).first().click();
    await see(heading(all, new RegExp(invoice?.number ?? '')));
  });
});
