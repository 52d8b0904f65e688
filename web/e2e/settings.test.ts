import { describe, onTestFinished } from 'vitest';
import { as, expect, gone, heading, row, said, see, submitLead, test, unique, BASE } from './support.ts';

/** Today where the business is, as `2026-02-14`. */
const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(new Date());
const inWords = new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

describe('the calendar', () => {
  test('closes today by a click on it, which the cockpit says and routing follows, and opens it by another', async ({ open }) => {
    const page = await open('admin', { at: '/settings' });
    const day = page.getByRole('button', { name: new RegExp(`^${inWords.format(new Date())}`) });
    await day.click();
    await see(page.getByRole('button', { name: `${inWords.format(new Date())}: fermé` }));
    onTestFinished(async () => {
      await as('root').PUT('/api/settings/delivery-calendar', { body: { per_entity: { ZR7: { disabled_dates: [] } } } });
    });
    await see(page.getByRole('listitem').filter({ hasText: inWords.format(new Date()) }));
    await page.getByRole('link', { name: 'Cockpit' }).click();
    await see(page.getByRole('main').getByText(/Pas de livraison aujourd’hui\./));
    expect((await submitLead('PV-001')).status).toBe('no_open_orders');
    const check = await as('root').GET('/api/settings/delivery-calendar/check', { params: { query: { entity: 'ZR7', date: today } } });
    expect(JSON.stringify(check.data)).toContain('false');

    await page.getByRole('link', { name: 'Paramètres' }).click();
    await page.getByRole('button', { name: `${inWords.format(new Date())}: fermé` }).click();
    await see(page.getByText('Aucune date fermée.'));
    await page.getByRole('link', { name: 'Cockpit' }).click();
    await see(page.getByRole('main').getByText('Livre aujourd’hui'));
  });

  test('is walked through by month, and a day of the week is switched off and on', async ({ open }) => {
    const page = await open('admin', { at: '/settings' });
    const next = new Date();
    next.setMonth(next.getMonth() + 1, 1);
    await page.getByRole('button', { name: 'Mois suivant' }).click();
    await see(page.getByRole('button', { name: new RegExp(`^${new Intl.DateTimeFormat('fr-FR', { month: 'long', year: 'numeric' }).format(next)}$`, 'i') }));
    const sunday = page.getByRole('checkbox', { name: 'Dim' });
    await sunday.click();
    await see(page.getByRole('button', { name: /^dimanche .*: pas de livraison ce jour de semaine$/ }).first());
    await sunday.click();
    await gone(page.getByRole('button', { name: /^dimanche .*: pas de livraison ce jour de semaine$/ }).first());
  });
});

/** Sends a lead as the holder of a provider's key. */
function send(key: string): Promise<Response> {
  return fetch(`${BASE}/api/public/leads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ session_id: String(unique()), form_code: 'PV-001', phone: `07${String(unique()).padStart(8, '3').slice(-8)}`, nom: 'Fourni', departement: '75' }),
  });
}

describe('a provider', () => {
  test('gets a new key, shown once: the old one is refused from then on, the new one is taken', async ({ open }) => {
    const slug = `essai-${unique()}`;
    const { data } = await as('root').POST('/api/providers', { body: { entity: 'ZR7', name: `Fournisseur ${slug}`, slug, consent_by_contract: true } });
    const before = data?.api_key ?? '';
    expect((await send(before)).status).toBe(201);

    const page = await open('admin', { at: '/providers' });
    await row(page, 'Fournisseurs', slug).getByRole('button', { name: 'Nouvelle clé' }).click();
    const question = page.getByRole('dialog', { name: `Donner une nouvelle clé à Fournisseur ${slug} ?` });
    await question.getByRole('button', { name: 'Nouvelle clé' }).click();
    const shown = page.getByRole('dialog', { name: `La clé de Fournisseur ${slug}` });
    const key = (await shown.getByLabel(`La clé de Fournisseur ${slug}`, { exact: true }).textContent()) ?? '';
    expect(key).toMatch(/^prov_/);
    await shown.getByRole('button', { name: 'Je l’ai gardée' }).click();
    await gone(shown);
    expect((await send(before)).status).toBe(401);
    expect((await send(key)).status).toBe(201);
    expect(await page.content()).not.toContain(key);
  });
});

describe('a form', () => {
  test('is created, embedded by its line, and tried', async ({ open }) => {
    const code = `ESSAI-${unique()}`;
    const page = await open('admin', { at: '/forms' });
    await page.getByRole('button', { name: 'Nouveau formulaire' }).first().click();
    const form = page.getByRole('dialog', { name: 'Nouveau formulaire' });
    await form.getByRole('textbox', { name: 'Code' }).fill(code);
    await form.getByRole('combobox', { name: 'Produit' }).click();
    await page.getByRole('option', { name: /^PV / }).click();
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    const made = page.getByRole('dialog', { name: code });
    await see(made.getByText(`data-form="${code}"`));
    const [landing] = await Promise.all([page.context().waitForEvent('page'), made.getByRole('button', { name: 'Ouvrir la page d’essai' }).click()]);
    await see(landing.getByRole('heading', { level: 1 }));
    expect(landing.url()).toContain(`form=${code}`);
    await landing.close();
    await submitLead(code, { nom: `Essayé-${code}` });
    await see(made.getByRole('link', { name: `Essayé-${code}` }));
    await see(heading(page, 'Formulaires'));
  });
});
