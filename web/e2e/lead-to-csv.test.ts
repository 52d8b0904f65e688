import { readFileSync } from 'node:fs';
import { inject } from 'vitest';
import { lettersTo } from './mailbox.ts';
import { choose, expect, field, freshPhone, gone, heading, openShop, row, said, see, spaced, test, until } from './support.ts';

test('a lead is followed from the public form to the file in its buyer’s mailbox', async ({ open }) => {
  const shop = await openShop({ order: false });
  const phone = freshPhone();
  const name = `Formulaire-${phone}`;

  // The buyer has no order yet: one is opened, for every département.
  const console = await open('admin', { at: '/orders' });
  await console.getByRole('button', { name: 'Nouvelle commande' }).click();
  const form = console.getByRole('dialog', { name: 'Nouvelle commande' });
  await choose(field(form, 'Client'), new RegExp(shop.buyerName));
  await choose(field(form, 'Produit'), new RegExp(`^${shop.product} `));
  await form.getByRole('button', { name: 'Tous les départements' }).click();
  await form.getByRole('button', { name: 'Enregistrer' }).click();
  await see(said(console, 'Enregistré'));
  await gone(form);
  await console.getByRole('link', { name: 'Leads', exact: true }).click();
  await see(heading(console, 'Leads'));

  // A visitor fills in the form on a landing page.
  const landing = await open('nobody', { at: `/demo/form?form=${shop.form}` });
  await landing.getByLabel('Nom', { exact: true }).fill(name);
  await landing.getByLabel('Prénom').fill('Camille');
  await landing.getByLabel('Téléphone').fill(spaced(phone));
  await landing.getByLabel('Code postal').fill('69003');
  await landing.getByLabel(/J’accepte d’être rappelé/).check();
  await landing.getByRole('button', { name: 'Recevoir mon étude' }).click();
  await see(landing.getByText('Merci. Un conseiller vous rappelle très vite.'));

  // It shows by itself on the page of leads that is open, and is on its way to the buyer.
  await see(row(console, 'Leads', name).getByText('Affecté'));
  await row(console, 'Leads', name).click();
  await see(heading(console, new RegExp(`Camille ${name}`)));
  await see(console.getByText('Choisie', { exact: true }).first());
  await console.getByRole('link', { name: shop.buyerName }).last().click();
  await see(heading(console, new RegExp(`${shop.buyerName}.*En attente`)));

  // Sent, it changes under the reader's eyes; its file holds the person.
  await console.getByRole('button', { name: 'Envoyer', exact: true }).click();
  await see(heading(console, new RegExp(`${shop.buyerName}.*Envoyée`)));
  const [download] = await Promise.all([console.waitForEvent('download'), console.getByRole('button', { name: 'CSV' }).click()]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^leads_ZR7_${shop.product}_\\d{8}_1\\.csv$`));
  const file = readFileSync(await download.path(), 'utf8');
  expect(file.split('\r\n')[0]).toBe('nom,prenom,telephone,email,departement,proprietaire_maison,produit');
  expect(file).toContain(`${name},Camille,${phone},,69,oui,${shop.product}`);
  const letter = await until(() => {
    const [found] = lettersTo(inject('dataDir'), shop.email);
    if (!found) throw new Error('no mail has come');
    return found;
  });
  expect(letter.files[download.suggestedFilename()]).toContain(phone);

  // Where it was found, it is delivered now.
  await console.getByRole('link', { name: spaced(phone) }).first().click();
  await see(heading(console, /Livré/));
});

test('a lead that nobody can take is kept, and says why', async ({ open }) => {
  const shop = await openShop({ order: false });
  const page = await open('admin', { at: '/leads' });
  const lead = await shop.submit({ nom: `Sans-${shop.product}` });
  expect(lead.status).toBe('no_open_orders');
  await row(page, 'Leads', `Sans-${shop.product}`).click();
  await see(heading(page, /Sans commande/));
});
