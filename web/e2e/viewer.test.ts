import { describe } from 'vitest';
import type { Page } from 'playwright-core';
import { as, expect, gone, heading, openShop, rows, see, settled, submitLead, test } from './support.ts';

async function menu(page: Page): Promise<string[]> {
  const entries = await page.getByRole('navigation', { name: 'Menu' }).getByRole('link').allTextContents();
  // How many alerts are open stands behind their name.
  return entries.map((entry) => entry.replace(/\d.*$/, '').trim());
}

describe('a viewer', () => {
  test('finds in the menu what a viewer may see, and others find theirs', async ({ open }) => {
    const viewer = await open('viewer');
    await see(heading(viewer, 'Cockpit'));
    expect(await menu(viewer)).toEqual(['Cockpit', 'Leads', 'Livraisons', 'Commandes', 'Clients', 'Départements', 'Monitoring', 'Alertes']);
    const ops = await open('ops');
    await see(heading(ops, 'Cockpit'));
    expect((await menu(ops)).filter((page) => page !== 'Intersociétés')).toEqual(await menu(viewer));
    expect(await menu(ops)).toContain('Intersociétés');
    const admin = await open('admin');
    await see(heading(admin, 'Cockpit'));
    const money = ['Facturation', 'Factures', 'Achats', 'Règlements', 'Banque', 'Intersociétés', 'Comptabilité', 'Tiers', 'Catalogue'];
    expect(await menu(admin)).toEqual(['Cockpit', 'Leads', 'Livraisons', 'Commandes', 'Clients', ...money, 'Départements', 'Monitoring', 'Activité', 'Alertes', 'Fournisseurs', 'Formulaires', 'Paramètres']);
  });

  test('is offered nothing that changes or takes away anything', async ({ open }) => {
    const shop = await openShop();
    const lead = await shop.submit();
    const { data } = await as('root').GET('/api/leads/{id}', { params: { path: { id: lead.lead_id } } });
    const page = await open('viewer', { at: '/leads' });
    const offered = async () => {
      const names = await page.getByRole('main').getByRole('button').allInnerTexts();
      return names.join(' ');
    };
    for (const at of ['/leads', '/deliveries', '/orders', '/buyers', `/leads/${lead.lead_id}`, `/deliveries/${data?.deliveries[0]?.id}`, `/orders/${shop.orderId}`, `/buyers/${shop.buyerId}`]) {
      await page.goto(at);
      await see(page.getByRole('heading', { level: 1 }));
      await settled(page);
      expect(await offered(), at).not.toMatch(/Nouvelle|Nouveau (client|formulaire|fournisseur|utilisateur)|Modifier|Supprimer|Archiver|Envoyer|Renvoyer|Rejeter|Retirer|Abandonner|Préparer|Exporter|Changer|Oublier|Ajouter|Remettre/);
      expect(await page.getByRole('main').getByRole('switch').and(page.locator(':enabled')).count(), at).toBe(0);
      expect(await page.getByRole('main').getByRole('textbox', { name: 'Écrire une note' }).count(), at).toBe(0);
      expect(await page.getByRole('checkbox', { name: /Sélectionner/ }).count(), at).toBe(0);
    }
  });

  test('F-76 is told plainly which permission a page needs, on every page that is not open to a viewer', async ({ open }) => {
    const page = await open('viewer');
    const money = ['/billing', '/invoices', '/purchases', '/payments', '/bank', '/parties', '/products'].map((at) => [at, 'billing.view']);
    const needed = {
      ...Object.fromEntries(money) as Record<string, string>, '/intercompany': 'intercompany.view', '/ledger': 'ledger.view', '/activity': 'activity.view', '/audit': 'audit.view',
      '/providers': 'providers.access', '/forms': 'settings.access', '/users': 'users.manage', '/settings': 'settings.access', '/operations': 'operations.manage',
    };
    for (const [at, permission] of Object.entries(needed)) {
      await page.goto(at);
      await see(page.getByRole('main').getByText(`Action non autorisée : il faut la permission ${permission}.`));
      expect(await page.getByRole('main').getByRole('button').count(), at).toBe(0);
    }
    await expect(as('viewer').GET('/api/auth/users')).rejects.toThrow(/403.*users\.manage/);
  });
});

describe('who works the day-to-day', () => {
  test('L-65 reads when deliveries leave without the permission to change settings', async ({ open }) => {
    const shop = await openShop();
    await shop.submit();
    const page = await open('ops', { at: `/buyers/${shop.buyerId}` });
    await see(page.getByText('Prochaine livraison'));
    await page.getByRole('link', { name: 'Cockpit' }).click();
    await see(page.getByRole('main').getByText(/Livre aujourd’hui|Pas de livraison aujourd’hui/));
    await page.getByRole('link', { name: 'Livraisons' }).click();
    await rows(page, 'Livraisons').first().click();
    await see(page.getByText('Prochaine livraison'));
  });

  test('edits quotas and sends, but creates nothing and exports nothing', async ({ open }) => {
    const shop = await openShop();
    await submitLead(shop.form);
    const page = await open('ops', { at: `/orders/${shop.orderId}` });
    await see(page.getByRole('button', { name: 'Modifier' }));
    await gone(page.getByRole('button', { name: 'Archiver' }));
    await page.goto('/orders');
    await see(rows(page, 'Commandes').first());
    await gone(page.getByRole('button', { name: 'Nouvelle commande' }));
    await page.goto('/leads');
    await see(rows(page, 'Leads').first());
    await gone(page.getByRole('button', { name: 'Exporter' }));
  });
});
