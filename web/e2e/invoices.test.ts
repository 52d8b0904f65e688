import { beforeAll, describe } from 'vitest';
import { arrive, as, choose, expect, field, goTo, heading, type Page, row, said, see, settled, test, unique, until } from './support.ts';

const LONG_MS = 90_000;

/** A fetch of a draft that cannot be reckoned with says so on the browser's console. */
const REFUSED = /status of 422/;

async function lawful(): Promise<void> {
  const { data } = await as('root').GET('/api/entities/{code}/legal', { params: { path: { code: 'ZR7' } } });
  if (data?.missing.length === 0) return;
  const legal = { legal_name: 'ZR7 Énergie', legal_form: 'SAS', share_capital: '10000.00', address: { line1: '1 rue de la Paix', postal_code: '75002', city: 'Paris', country: 'FR' }, siret: '73282932000074', vat_number: 'FR44732829320', register: 'RCS', register_city: 'Paris', ape_code: '43.22B', iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' };
  await as('root').PUT('/api/entities/{code}/legal', { params: { path: { code: 'ZR7' } }, body: legal as never });
}

async function customer(fields: object = {}): Promise<{ id: string; name: string }> {
  await lawful();
  const name = `Toitures ${unique()}`;
  const body = { entity: 'ZR7', name, siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', email: `compta-${unique()}@client.example`, ...fields };
  const { data } = await as('root').POST('/api/parties', { body: body as never });
  return { id: data?.id ?? '', name };
}

async function invoice(party: string, net: string, on?: string): Promise<{ id: string; number: string }> {
  const { data } = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party, lines: [{ name: 'Prestation', quantity: '10', unit_price: net }] } as never });
  const issued = await as('root').POST('/api/documents/{id}/issuance', { params: { path: { id: data?.id ?? '' } }, body: { ...(on !== undefined && { issue_on: on }) } });
  return { id: issued.data?.id ?? '', number: issued.data?.number ?? '' };
}

async function stored(id: string) {
  return (await as('root').GET('/api/documents/{id}', { params: { path: { id } } })).data;
}

function idOf(page: Page): string {
  return new URL(page.url()).pathname.split('/')[2] ?? '';
}

/** Issues the document that is on screen. */
async function issue(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Émettre' }).click();
  const asked = page.getByRole('dialog');
  await see(asked.getByText(/prend le numéro suivant/));
  await asked.getByRole('button', { name: 'Émettre' }).click();
  await see(said(page, 'Document émis'));
}

async function pay(page: Page, amount: string | undefined): Promise<void> {
  await page.getByRole('button', { name: 'Saisir un règlement' }).click();
  const form = page.getByRole('dialog');
  if (amount !== undefined) await field(form, 'Montant').fill(amount);
  // How it was paid is asked, and never proposed (F-12).
  expect(await form.getByRole('combobox', { name: /^Mode/ }).inputValue()).toBe('');
  await form.getByRole('button', { name: 'Enregistrer' }).click();
  await see(form.getByText('Obligatoire'));
  await choose(form.getByRole('combobox', { name: /^Mode/ }), 'Virement');
  await form.getByRole('button', { name: 'Enregistrer' }).click();
  await see(said(page, 'Règlement enregistré').last());
}

/** An invoice that fell due long ago: dates rise with the numbers, so that it is written before all others, or was by somebody else. */
beforeAll(async () => {
  const party = await customer({ payment_terms_days: 0 });
  const long = new Date(Date.now() - 45 * 24 * 60 * 60_000).toISOString().slice(0, 10);
  await invoice(party.id, '12', long).catch(() => undefined);
});

/** A sum as it is read, without what only sets it apart. */
function plain(text: string | null): string {
  return (text ?? '').replaceAll(/[\s€]/g, '').replace(',', '.');
}

describe('documents', () => {
  test('a quote is written, accepted, invoiced, issued and paid in two parts', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const page = await open('root', { at: `/invoices/new?kind=quote&customer=${party.id}`, scope: 'ZR7' });
    await page.getByRole('combobox', { name: 'Désignation, ligne 1' }).fill('Pose de panneaux');
    await page.getByLabel('Quantité, ligne 1').fill('3');
    await page.getByLabel('Prix unitaire, ligne 1').fill('333,33');
    // Enter begins the next line, which is written without the mouse.
    await page.getByLabel('Prix unitaire, ligne 1').press('Enter');
    await page.keyboard.type('Déplacement');
    await page.getByLabel('Prix unitaire, ligne 2').fill('50');
    await page.getByLabel('Remise en pour cent, ligne 2').fill('10');
    const live = page.getByTestId('gross');
    await until(async () => expect(plain(await live.textContent())).toBe('1253.99'));
    await page.getByRole('button', { name: 'Enregistrer le brouillon' }).click();
    await see(heading(page, /Devis \(brouillon\)/));
    const quote = idOf(page);
    expect((await stored(quote))?.gross).toBe('1253.9900');
    await issue(page);
    await page.getByRole('button', { name: 'Accepté', exact: true }).click();
    await field(page.getByRole('dialog'), 'Preuve de la réponse').fill('Devis signé le 12');
    await page.getByRole('dialog').getByRole('button', { name: 'Accepté' }).click();
    await page.getByRole('button', { name: 'Facturer', exact: true }).click();
    await see(heading(page, /Facture \(brouillon\)/));
    await issue(page);
    const id = idOf(page);
    expect(plain(await page.getByTestId('gross').textContent())).toBe('1253.99');
    await see(heading(page, /FAC-/));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PDF', exact: true }).click()]);
    const parts: Buffer[] = [];
    for await (const part of await download.createReadStream()) parts.push(part as Buffer);
    expect(Buffer.concat(parts).subarray(0, 4).toString()).toBe('%PDF');
    await pay(page, '1000');
    await see(heading(page, /Réglée en partie/));
    await pay(page, undefined);
    await see(heading(page, /Réglée$/));
    const paid = await stored(id);
    expect([paid?.status, paid?.settlements.length, paid?.source_id]).toEqual(['paid', 2, quote]);
    // What was paid leads to the payment, and back.
    await page.getByRole('link', { name: /^Règlement · Virement/ }).first().click();
    await see(heading(page, /Règlement de 1.000,00/));
    await page.getByRole('link', { name: paid?.number ?? '' }).click();
    await see(heading(page, paid?.number ?? ''));
  });

  test('a credit note takes back a part of an invoice', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id, number } = await invoice(party.id, '20');
    const page = await open('root', { at: `/invoices/${id}`, scope: 'ZR7' });
    await page.getByRole('button', { name: 'Avoir' }).click();
    const form = page.getByRole('dialog');
    await field(form, 'Motif').fill('Deux de trop');
    await form.getByText('Certaines lignes').click();
    await form.getByLabel('Prestation', { exact: true }).check();
    await form.getByLabel('Quantité de Prestation').fill('2');
    await form.getByRole('button', { name: 'Créer l’avoir' }).click();
    await see(heading(page, /Avoir \(brouillon\)/));
    await issue(page);
    const note = await stored(idOf(page));
    expect([note?.original_id, note?.gross]).toEqual([id, '48.0000']);
    await page.getByRole('link', { name: number }).first().click();
    await see(heading(page, number));
    expect((await stored(id))?.balance).toBe('192.0000');
    await see(page.getByRole('link', { name: note?.number ?? '' }).first());
  });

  test('what is paid too much is a credit, and pays the next invoice', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id } = await invoice(party.id, '10');
    const page = await open('root', { at: `/invoices/${id}`, scope: 'ZR7' });
    await page.getByRole('button', { name: 'Saisir un règlement' }).click();
    const form = page.getByRole('dialog');
    await field(form, 'Montant').fill('150');
    await see(form.getByText(/30,00.€ : crédit du client/));
    await choose(form.getByRole('combobox', { name: /^Mode/ }), 'Chèque');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Règlement enregistré'));
    const next = await invoice(party.id, '2');
    await goTo(page, `/parties/${party.id}`);
    await see(page.getByText(/30,00.€/).first());
    await page.getByRole('link', { name: /Crédit client/ }).click();
    await row(page, 'Règlements', /30,00/).click();
    await page.getByRole('button', { name: 'Imputer le crédit' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Imputer le crédit' }).click();
    await see(said(page, 'Crédit imputé'));
    await until(async () => expect((await stored(next.id))?.status).toBe('paid'));
  });

  test('the statement of a customer tells what was charged and paid, opens each and is taken away', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id, number } = await invoice(party.id, '10');
    await as('root').POST('/api/payments', { body: { entity: 'ZR7', party_id: party.id, method: 'cheque', amount: '50', reference: 'CH 7', allocations: [{ document_id: id, amount: '50' }] } });
    const page = await open('root', { at: `/parties/${party.id}`, scope: 'ZR7' });
    await page.getByRole('tab', { name: 'Relevé de compte' }).click();
    await see(page.getByRole('row', { name: new RegExp(`Facture ${number}.*120,00.*120,00`) }));
    await see(page.getByRole('row', { name: /Règlement CH 7.*50,00.*70,00/ }));
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PDF', exact: true }).click()]);
    expect(file.suggestedFilename()).toMatch(/\.pdf$/);
    await page.getByRole('link', { name: `Facture ${number}` }).click();
    await see(heading(page, new RegExp(number)));
  });

  test('what an invoice bills is named on its line, and kept by whoever changes it', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const hour = { kind: 'time_entry', reference: `T-${unique()}` };
    const { data } = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party.id, lines: [{ name: 'Main d’œuvre', unit_price: '45', bills: [hour] }] } as never });
    const page = await open('root', { at: `/invoices/${data?.id}`, scope: 'ZR7' });
    await see(page.getByText(`Facture time_entry ${hour.reference}`));
    await goTo(page, `/invoices/${data?.id}/edit`);
    await page.getByLabel('Prix unitaire, ligne 1').fill('50');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await until(async () => expect((await stored(data?.id ?? ''))?.net).toBe('50.0000'));
    expect((await stored(data?.id ?? ''))?.lines[0]?.bills).toEqual([hour]);
  });

  test('a payment that bounces says what it opens again, and opens it', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id, number } = await invoice(party.id, '5');
    const { data } = await as('root').POST('/api/payments', { body: { entity: 'ZR7', party_id: party.id, method: 'cheque', amount: '60', allocations: [{ document_id: id, amount: '60' }] } });
    const page = await open('root', { at: `/payments/${data?.id}`, scope: 'ZR7' });
    await page.getByRole('button', { name: 'Annuler' }).click();
    const asked = page.getByRole('dialog');
    await see(asked.getByText(new RegExp(number)));
    await field(asked, 'Motif').fill('Sans provision');
    await asked.getByRole('button', { name: 'Annuler' }).last().click();
    await see(said(page, 'Règlement annulé'));
    expect((await stored(id))?.balance).toBe('60.0000');
  });

  test('what the service refuses is said at its field, while one types and when one saves', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const page = await open('root', { at: `/invoices/new?customer=${party.id}`, scope: 'ZR7', expected: REFUSED });
    await page.getByRole('combobox', { name: 'Désignation, ligne 1' }).fill('Pose');
    await page.getByLabel('Prix unitaire, ligne 1').fill('-5');
    const price = page.getByLabel('Prix unitaire, ligne 1');
    await until(async () => expect(await price.getAttribute('aria-invalid')).toBe('true'));
    await price.fill('5');
    await until(async () => expect(plain(await page.getByTestId('gross').textContent())).toBe('6.00'));
    await page.getByRole('combobox', { name: 'Désignation, ligne 1' }).fill('');
    await page.getByRole('button', { name: 'Enregistrer le brouillon' }).click();
    await until(async () => expect(await page.getByRole('combobox', { name: 'Désignation, ligne 1' }).getAttribute('aria-invalid')).toBe('true'));
  });

  test('a company is refused at its SIREN, and is made without leaving the document', { timeout: LONG_MS }, async ({ open }) => {
    await lawful();
    const page = await open('root', { at: '/invoices/new', scope: 'ZR7', expected: REFUSED });
    await page.getByRole('button', { name: 'Nouveau tiers' }).click();
    const form = page.getByRole('dialog');
    const name = `Bâti ${unique()}`;
    await field(form, 'Nom').fill(name);
    await field(form, 'SIREN').fill('443061842');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await until(async () => expect(await field(form, 'SIREN').getAttribute('aria-invalid')).toBe('true'));
    await field(form, 'SIREN').fill('443061841');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await until(async () => expect(await page.getByRole('combobox', { name: /^Client/ }).inputValue()).toContain(name));
  });

  test('a customer who is late opens the invoices that are', { timeout: LONG_MS }, async ({ open }) => {
    const { data } = await as('root').GET('/api/invoices/overdue-dashboard', {});
    const [late] = data?.customers ?? [];
    if (late === undefined) throw new Error('Nobody is late.');
    const page = await open('root', { at: '/invoices?tab=overdue', scope: 'ZR7' });
    await settled(page);
    await see(page.getByRole('heading', { name: /^Balance âgée/ }).first());
    await row(page, 'Par client', late.party_name).first().click();
    await arrive(page, /status=overdue/);
    await see(row(page, 'Factures', late.party_name).first());
    await until(async () => expect(await page.getByRole('grid', { name: 'Factures' }).locator('[role=row][data-index]').count()).toBe(late.invoices));
  });

  test('who may not see billing finds no entry and no page', async ({ open }) => {
    const page = await open('viewer', { at: '/' });
    await settled(page);
    expect(await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: /Factures|Règlements|Tiers|Catalogue/ }).count()).toBe(0);
    for (const at of ['/invoices', '/payments', '/parties', '/products']) {
      await page.goto(at);
      await see(page.getByText('Cette page ne vous est pas ouverte'));
    }
  });
});
