import { describe } from 'vitest';
import type { Page } from 'playwright-core';
import { arrive, as, expect, gone, openShop, row, rows, see, settled, spaced, test, goTo } from './support.ts';

function shown(page: Page) {
  return page.getByRole('group', { name: 'Semaine' }).getByRole('button', { name: /^Semaine du/ });
}

/** Presses next or previous, and waits for the week that follows in the address and for its Monday on the button. */
async function go(page: Page, direction: 'suivante' | 'précédente', [week, monday]: readonly [string, string]): Promise<void> {
  await page.getByRole('button', { name: `Semaine ${direction}` }).click();
  await arrive(page, new RegExp(`[?&]week=${week}$`));
  await see(shown(page).getByText(`Semaine du ${monday}`));
}

// ISO 8601: week 1 holds the year's first Thursday. 2020, 2026, 2032 and 2037 have 53 weeks; 4 January of 2026, 2032 and 2037 is a Sunday.
const TURNS = [
  [['2020-W52', '21/12/2020'], ['2020-W53', '28/12/2020'], ['2021-W01', '04/01/2021'], ['2021-W02', '11/01/2021']],
  [['2025-W51', '15/12/2025'], ['2025-W52', '22/12/2025'], ['2026-W01', '29/12/2025'], ['2026-W02', '05/01/2026']],
  [['2026-W06', '02/02/2026'], ['2026-W07', '09/02/2026'], ['2026-W08', '16/02/2026']],
  [['2026-W52', '21/12/2026'], ['2026-W53', '28/12/2026'], ['2027-W01', '04/01/2027']],
  [['2037-W53', '28/12/2037'], ['2038-W01', '04/01/2038']],
] as const;

describe('weeks', () => {
  test('L-61 go one by one over the turn of the years, forth and back, in the picker', async ({ open }) => {
    const page = await open('admin', { at: '/leads' });
    for (const turn of TURNS) {
      const [[first]] = turn;
      await goTo(page, `/leads?week=${first}`);
      for (const week of turn.slice(1)) await go(page, 'suivante', week);
      for (const week of turn.toReversed().slice(1)) await go(page, 'précédente', week);
    }
  });

  test('L-61 are walked through alike on the other pages, and kept by a reload', async ({ open }) => {
    const page = await open('admin', { at: '/account' });
    await settled(page);
    for (const at of ['/', '/deliveries', '/orders', '/departements', '/activity']) {
      await goTo(page, `${at}?week=2026-W53`);
      await see(shown(page).getByText('Semaine du 28/12/2026 au 03/01/2027'));
      await go(page, 'suivante', ['2027-W01', '04/01/2027']);
      await go(page, 'précédente', ['2026-W53', '28/12/2026']);
    }
    await page.reload();
    await see(shown(page).getByText('Semaine du 28/12/2026'));
  });

  test('begin with this one, and all of them are back with a press on the cross', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit();
    const page = await open('admin', { at: `/leads?product=${shop.product}&week=2026-W01` });
    await see(page.getByText('Aucun lead ne correspond à ces filtres.'));
    await shown(page).click();
    await see(row(page, 'Leads', spaced(lead.phone)));
    const { data } = await as('admin').GET('/api/leads/stats');
    await arrive(page, `/leads?product=${shop.product}&week=${data?.week}`);
    await page.getByRole('group', { name: 'Semaine' }).getByRole('button', { name: 'Toutes les semaines' }).click();
    await arrive(page, `/leads?product=${shop.product}`);
    await see(page.getByRole('button', { name: 'Toutes les semaines' }));
  });

  test('L-66 that do not exist are left out of the address, and refused by the service', async ({ open }) => {
    const page = await open('admin', { at: '/account' });
    for (const week of ['2025-W53', '2026-W00', 'soon']) {
      await page.goto(`/leads?week=${week}&product=PV`);
      await arrive(page, '/leads?product=PV');
      await see(rows(page, 'Leads').first());
      await see(page.getByRole('button', { name: 'Toutes les semaines' }));
      await gone(page.getByRole('alert'));
      await expect(as('admin').GET('/api/leads', { params: { query: { week } } })).rejects.toThrow(/answered 400/);
    }
  });

  test('without anything in them say so, and break no page', async ({ open }) => {
    const page = await open('admin', { at: '/?week=2099-W01' });
    await settled(page);
    await see(page.getByText('Aucune livraison cette semaine'));
    for (const at of ['/deliveries?week=2099-W01', '/leads?week=2099-W01']) {
      await goTo(page, at);
      await see(page.getByText(/^(Aucune livraison|Aucun lead)$/));
      await gone(page.getByRole('alert'));
    }
  });
});
