import { describe } from 'vitest';
import { as, broken, expect, goTo, settled, test } from './support.ts';
import { first, LONG_MS, walk } from './walking.ts';

describe('no rule of accessibility is broken, in light or dark,', () => {
  test('before one is signed in', async ({ open }) => {
    const page = await open('nobody', { at: '/login' });
    await settled(page);
    expect(await walk(page, ['/login', '/forgot-password', '/reset-password', '/nowhere'])).toEqual([]);
  });

  test('on the pages of the daily work, nor on one of each thing they list', async ({ open }) => {
    const one = { params: { query: { limit: 1, entity: 'ZR7' } } };
    const [lead, delivery, buyer, order] = await Promise.all([as('root').GET('/api/leads', one), as('root').GET('/api/deliveries', one), as('root').GET('/api/clients', { params: { query: { ...one.params.query, search: 'Soleil Habitat' } } }), as('root').GET('/api/commandes', one)]);
    const page = await open('root', { scope: 'ZR7' });
    await settled(page);
    const lists = ['/', '/leads', '/deliveries', '/deliveries?view=board', '/orders', '/orders?view=priority', '/orders?view=mix', '/buyers'];
    const details = [`/leads/${first(lead)}`, `/deliveries/${first(delivery)}`, `/orders/${first(order)}`, ...['summary', 'performance', 'coverage', 'crm', 'activity'].map((tab) => `/buyers/${first(buyer)}?tab=${tab}`)];
    expect(await walk(page, [...lists, ...details])).toEqual([]);
  }, LONG_MS);

  test('on the pages of the audit and of alerts', async ({ open }) => {
    await as('root', 'ALL').POST('/api/alerts/checks', {});
    const alert = first(await as('root').GET('/api/alerts', { params: { query: { limit: 1 } } }));
    const page = await open('root', { at: '/audit', scope: 'ZR7' });
    await settled(page);
    expect(await walk(page, ['/audit', '/alerts', '/alerts?tab=rules', '/settings?tab=alerts'])).toEqual([]);
    await goTo(page, '/settings?tab=alerts&rule=jobs_dead');
    expect(await broken(page, 'a kind of alert', '[role=dialog]')).toEqual([]);
    await goTo(page, `/alerts?alert=${alert}`);
    expect(await broken(page, 'an alert', '[role=dialog]')).toEqual([]);
    await goTo(page, '/audit?section=security');
    await page.getByRole('button', { name: 'Tout déplier' }).click();
    expect(await broken(page, 'the checks, unfolded')).toEqual([]);
  }, LONG_MS);

  test('on the pages for watching', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const watch = ['/departements', '/departements?shade=status', '/monitoring', '/monitoring?tab=sources', '/monitoring?tab=duplicates', '/monitoring?tab=cannibalisation', '/activity'];
    const operations = ['/operations', '/operations?tab=dead', '/operations?tab=jobs', '/operations?tab=runs', '/operations?tab=mail', '/operations?tab=quarantine'];
    expect(await walk(page, [...watch, ...operations])).toEqual([]);
  }, LONG_MS);

  test('on the pages for setting up', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const pages = ['/providers', '/forms', '/users', '/settings', '/settings?tab=legal', '/settings?tab=billing', '/settings?tab=mail', '/settings?tab=gating', '/settings?tab=policies', '/account'];
    expect(await walk(page, pages)).toEqual([]);
  }, LONG_MS);
});
