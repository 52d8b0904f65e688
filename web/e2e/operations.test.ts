import { describe } from 'vitest';
import { BASE, choose, expect, row, rows, see, test } from './support.ts';

describe('operations', () => {
  test('show the state of each part, the workers and what runs next', async ({ open }) => {
    const page = await open('root', { at: '/operations' });
    for (const part of ['Tâches', 'Livraisons', 'E-mail', 'Ouvriers', 'Planification']) await see(page.getByRole('heading', { level: 2, name: part }));
    await see(page.getByRole('row', { name: /^daily-delivery/ }));
    await page.getByRole('link', { name: 'daily-delivery' }).click();
    await see(row(page, 'Historique', 'daily-delivery').first());
    await see(row(page, 'Historique', 'Réussie').first());
  });

  test('show every mail and the server’s answer', async ({ open }) => {
    const page = await open('root', { at: '/operations?tab=mail' });
    await choose(page.getByRole('combobox', { name: 'Statut' }), 'Accepté');
    await see(row(page, 'E-mails', 'Livraison leads ZR7').first());
    expect(await rows(page, 'E-mails').first().textContent()).toContain('Accepté');
  });

  test('keep what came in and could not be used, with the reason', async ({ open }) => {
    const refused = await fetch(`${BASE}/api/public/leads?tenant=demo`, { method: 'POST', body: '{"form_code": "PV-001", "mark": "kept aside"}' });
    expect(refused.status).toBe(422);
    const page = await open('root', { at: '/operations?tab=quarantine' });
    await rows(page, 'Quarantaine').first().click();
    await see(page.getByRole('dialog').getByText('kept aside'));
  });
});
