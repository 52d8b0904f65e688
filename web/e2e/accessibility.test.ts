import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe } from 'vitest';
import { as, expect, test } from './support.ts';

const LISTS = ['/', '/leads', '/deliveries', '/deliveries?view=board', '/orders', '/orders?view=priority', '/orders?view=mix', '/buyers', '/departements', '/monitoring', '/monitoring?tab=sources', '/activity', '/providers', '/forms', '/users', '/settings', '/settings?tab=mail', '/settings?tab=gating', '/settings?tab=policies', '/operations', '/operations?tab=jobs', '/operations?tab=mail', '/account'];

function id(answer: { data?: { items: { id: string }[] } }): string {
  return answer.data?.items[0]?.id ?? '';
}

async function details(): Promise<string[]> {
  const client = as('root');
  const page = { params: { query: { limit: 1, entity: 'ZR7' } } };
  const [lead, delivery, buyer, order] = await Promise.all([client.GET('/api/leads', page), client.GET('/api/deliveries', page), client.GET('/api/clients', page), client.GET('/api/commandes', page)]);
  return [`/leads/${id(lead)}`, `/deliveries/${id(delivery)}`, `/buyers/${id(buyer)}`, `/buyers/${id(buyer)}?tab=coverage`, `/buyers/${id(buyer)}?tab=crm`, `/orders/${id(order)}`];
}

async function violations(page: Page): Promise<string[]> {
  await page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null);
  const { violations: found } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  return found.map((rule) => `${page.url()} ${rule.id}: ${rule.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
}

describe.each(['light', 'dark'] as const)('in the %s theme', (scheme) => {
  test('no page breaks a rule of accessibility', async ({ open }) => {
    const page = await open('root', { scheme, scope: 'ZR7' });
    const found = await violations(page);
    for (const path of [...LISTS.slice(1), ...(await details())]) {
      await page.goto(path);
      found.push(...(await violations(page)));
    }
    expect(found).toEqual([]);
  }, 120_000);

  test('neither do the screens before one is signed in', async ({ open }) => {
    const page = await open('nobody', { scheme, at: '/login', expected: /401/ });
    const found = await violations(page);
    for (const path of ['/forgot-password', '/reset-password']) {
      await page.goto(path);
      found.push(...(await violations(page)));
    }
    expect(found).toEqual([]);
  });
});
