import { describe } from 'vitest';
import { as, BASE, expect, gone, heading, row, said, see, submitLead, test, unique } from './support.ts';

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
    await form.getByRole('textbox', { name: 'Code' }).fill('PV-001');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByText('Ce code existe déjà.'));
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
