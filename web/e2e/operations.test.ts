import { describe, inject } from 'vitest';
import { as, BASE, choose, expect, gone, heading, row, rows, said, see, test, until } from './support.ts';

const PASSWORD_VARIABLE = 'COMPTOIR_E2E_MDL_PASSWORD';

describe('a dead letter', () => {
  test('shows why a job was given up, and is requeued once the cause is gone', async ({ open }) => {
    // The setup has a delivery sent by a server whose password is nowhere: its three attempts fail in half a minute.
    const dead = await until(async () => {
      const { data } = await as('root').GET('/api/operations/jobs', { params: { query: { state: 'dead' } } });
      const [job] = data?.items ?? [];
      if (!job) throw new Error('the job is not dead yet');
      return job;
    }, 60_000);
    expect(dead.last_error).toContain(PASSWORD_VARIABLE);
    const page = await open('root', { at: '/operations', scope: 'ALL' });
    await page.getByRole('main').getByRole('link', { name: '1', exact: true }).first().click();
    await see(page.getByRole('tab', { name: 'Échecs définitifs', selected: true }));
    await row(page, 'Tâches', 'leads.send_batch').click();
    const drawer = page.getByRole('dialog', { name: 'leads.send_batch' });
    await see(drawer.getByText('3/3'));
    await see(drawer.getByText(PASSWORD_VARIABLE));
    await see(drawer.getByText('attempt_id'));

    await as('root').PUT('/api/settings/smtp', { body: { per_entity: {} } });
    await drawer.getByRole('button', { name: 'Relancer' }).click();
    await see(said(page, 'Elle est relancée'));
    await see(drawer.getByText('Faite', { exact: true }));
    await gone(row(page, 'Tâches', 'leads.send_batch'));
    await see(page.getByText('Aucun échec définitif'));
    await page.goto(`/deliveries/${inject('stranded')}`);
    await see(heading(page, /Envoyée/));
  });
});

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
