import { describe } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { as, choose, expect, field, gone, heading, openShop, said, see, test, unique } from './support.ts';

/** The lane of a priority, and in it the card of a buyer. */
function lane(page: Page, priority: number): Locator {
  return page.getByRole('region', { name: `Priorité ${priority}`, exact: true });
}

async function priorityOf(orderId: string): Promise<number | undefined> {
  const { data } = await as('root').GET('/api/commandes/{id}', { params: { path: { id: orderId } } });
  return data?.priorite;
}

describe('an order', () => {
  test('L-62 is for a product of the catalogue: a product just added is offered, one switched off is not', async ({ open }) => {
    const added = `NEUF${unique()}`;
    const retired = `ANCIEN${unique()}`;
    for (const code of [added, retired]) await as('root').POST('/api/products', { body: { code, name: `Produit ${code}` } });
    await as('root').PUT('/api/products/{code}', { params: { path: { code: retired } }, body: { active: false } });
    const page = await open('admin', { at: '/orders' });
    await page.getByRole('button', { name: 'Nouvelle commande' }).click();
    const form = page.getByRole('dialog', { name: 'Nouvelle commande' });
    await field(form, 'Produit').click();
    await see(page.getByRole('option', { name: `${added} · Produit ${added}` }));
    const offered = await page.getByRole('option').allTextContents();
    expect(offered.map((text) => text.split(' · ')[0])).toEqual(expect.arrayContaining(['ITE', 'PAC', 'PV', added]));
    expect(offered.join()).not.toContain(retired);
    expect(offered.join()).not.toMatch(/ISO|POELE/);
  });

  test('is moved to another priority by dragging its card', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/orders?view=priority&product=${shop.product}` });
    const handle = lane(page, 5).getByRole('button', { name: `${shop.buyerName}, ${shop.product} : glisser vers une autre priorité` });
    await see(handle);
    const from = await handle.boundingBox();
    const to = await lane(page, 2).boundingBox();
    if (!from || !to) throw new Error('The lanes are not drawn.');
    await page.mouse.move(from.x + 20, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 200, to.y + to.height / 2, { steps: 8 });
    await page.mouse.up();
    await see(said(page, 'La priorité est modifiée'));
    await see(lane(page, 2).getByText(shop.buyerName));
    await gone(lane(page, 5).getByText(shop.buyerName));
    expect(await priorityOf(shop.orderId)).toBe(2);
  });

  test('is moved to another priority by the keyboard: carried with the arrows, or chosen in its card', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/orders?view=priority&product=${shop.product}` });
    const handle = page.getByRole('button', { name: new RegExp(`^${shop.buyerName}, `) });
    await handle.focus();
    await page.keyboard.press('Space');
    await see(page.getByRole('status').getByText('Priorité 5'));
    await page.keyboard.press('ArrowDown');
    await see(page.getByRole('status').getByText('Priorité 6'));
    await page.keyboard.press('Space');
    await see(page.getByRole('status').getByText('Carte posée : Priorité 6'));
    await see(lane(page, 6).getByText(shop.buyerName));
    expect(await priorityOf(shop.orderId)).toBe(6);

    const select = lane(page, 6).getByRole('combobox', { name: 'Priorité' });
    await select.focus();
    await page.keyboard.press('ArrowDown');
    await see(page.getByRole('option', { name: '4', exact: true }));
    const marked = () => page.locator('[role=option][data-combobox-selected]').allTextContents();
    for (let presses = 0; presses < 10 && (await marked())[0] !== '4'; presses += 1) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await see(lane(page, 4).getByText(shop.buyerName));
    expect(await priorityOf(shop.orderId)).toBe(4);
  });

  test('is paused and opened by its switch, and takes a lead again', async ({ open }) => {
    const shop = await openShop();
    const page = await open('admin', { at: `/orders/${shop.orderId}` });
    await page.getByRole('switch', { name: 'Actif' }).click();
    await see(said(page, 'La commande est en pause'));
    expect((await shop.submit()).status).toBe('no_open_orders');
    await page.getByRole('switch', { name: 'En pause' }).click();
    await see(said(page, 'La commande est ouverte'));
    expect((await shop.submit()).status).toBe('routed');
  });

  test('has its quota changed, and the bar follows', async ({ open }) => {
    const shop = await openShop();
    await shop.submit();
    const page = await open('admin', { at: `/orders/${shop.orderId}` });
    await see(page.getByText('1 · Illimité'));
    await page.getByRole('button', { name: 'Modifier' }).click();
    const form = page.getByRole('dialog', { name: 'Modifier la commande' });
    expect(await field(form, 'Client').isDisabled()).toBe(true);
    await field(form, 'Quota').fill('4');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(page.getByTitle('1 sur 4 utilisés'));
  });
});

describe('“what if”', () => {
  test('says what would become of a lead, now and with another order, and changes nothing', async ({ open }) => {
    const shop = await openShop();
    await as('root').POST('/api/commandes/{id}/toggle', { params: { path: { id: shop.orderId } } });
    const lead = await shop.submit();
    const page = await open('ops', { at: `/leads/${lead.lead_id}` });
    await see(heading(page, /Sans commande/));
    await page.getByRole('button', { name: 'Et si…' }).click();
    const drawer = page.getByRole('dialog', { name: 'Que deviendrait ce lead ?' });
    const answer = drawer.getByTestId('simulated');
    await drawer.getByRole('button', { name: 'Simuler' }).click();
    await see(answer.getByText('Sans commande'));
    await choose(field(drawer, 'Modifier une commande'), new RegExp(shop.buyerName));
    await drawer.getByRole('button', { name: 'Simuler' }).click();
    await see(answer.getByText('Affecté'));
    await see(answer.getByText('Choisie'));
    await see(answer.locator('strong', { hasText: shop.buyerName }));
    await page.keyboard.press('Escape');
    await gone(drawer);
    await see(heading(page, /Sans commande/));
    const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
    expect([data?.status, data?.deliveries, data?.decisions.length]).toEqual(['no_open_orders', [], 1]);
  });
});
