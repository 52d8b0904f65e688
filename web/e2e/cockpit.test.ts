import { describe } from 'vitest';
import { expect, gone, see, settled, test } from './support.ts';

describe('the cockpit', () => {
  test('L-19 shows what it has when one part fails, which says why and comes back by a press on retry', async ({ open }) => {
    const page = await open('admin', { at: '/account' });
    await settled(page);
    let fails = true;
    await page.route('**/api/leads/dashboard-stats?*', async (route) => {
      const answer = await route.fetch();
      const data = (await answer.json()) as { top_buyers: unknown; _errors: unknown[] };
      await route.fulfill({ response: answer, json: fails ? { ...data, top_buyers: null, _errors: [{ widget: 'top_buyers', message: 'It took too long.' }] } : data });
    });
    await page.getByRole('link', { name: 'Cockpit' }).click();
    const panel = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Clients de la semaine' }) });
    await see(panel.getByRole('alert').getByText('It took too long.'));
    expect(await page.getByRole('main').getByRole('alert').count()).toBe(1);
    await see(page.getByRole('link', { name: /^Leads reçus/ }));
    await see(page.getByRole('heading', { name: 'Stock bloqué' }));
    // Until it is pressed: what others do has the page read again at any time.
    await page.exposeFunction('heal', () => {
      fails = false;
    });
    await page.evaluate(() => document.addEventListener('click', () => (window as unknown as { heal: () => void }).heal(), true));
    await panel.getByRole('button', { name: 'Réessayer' }).click();
    await gone(panel.getByRole('alert'));
    await see(panel.getByRole('columnheader', { name: 'Envoyés' }));
  });

  test('that fails as a whole says so in words and with the number of the request, and is read again by a press on retry', async ({ open }) => {
    const page = await open('admin', { at: '/account', expected: /50\d/ });
    await settled(page);
    const broken = { type: 'urn:comptoir:problem:internal', title: 'Internal Server Error', status: 500, request_id: '01a1-essai' };
    await page.route('**/api/leads/dashboard-stats?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', json: broken }));
    await page.getByRole('link', { name: 'Cockpit' }).click();
    const alarm = page.getByRole('main').getByRole('alert');
    await see(alarm.getByText(/01a1-essai/));
    await page.unroute('**/api/leads/dashboard-stats?*');
    await alarm.getByRole('button', { name: 'Réessayer' }).click();
    await see(page.getByRole('heading', { name: 'Clients de la semaine' }));
    await gone(alarm);
  });
});
