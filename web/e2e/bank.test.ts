import { describe } from 'vitest';
import { bankAccount, camt, invoice, openOn } from './bookkeeping.ts';
import { as, choose, expect, field, gone, type Page, said, see, settled, test, unique } from './support.ts';

/** Imports a file as a person does: chosen, looked at, imported. */
async function importFile(page: Page, name: string, buffer: Buffer, lines: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Importer un relevé' }).click();
  const drawer = page.getByRole('dialog', { name: 'Importer un relevé' });
  await drawer.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await drawer.getByRole('button', { name: lines }).click();
}

async function closeDrawer(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Fermer', exact: true }).last().click();
  await gone(page.getByRole('dialog'));
}

function movement(page: Page, text: string) {
  return page.getByRole('list', { name: 'Lignes' }).getByRole('listitem').filter({ hasText: text });
}

describe('the bank', () => {
  test('imports a CAMT.053: a suggestion confirmed by one click pays its invoice, the next by the keyboard; the same file again says so', async ({ open }) => {
    const [first, second] = [await invoice(), await invoice()];
    const bank = await bankAccount();
    const file = camt(bank.iban, [{ amount: Number(first.gross), label: 'REGLEMENT', name: first.party.name }, { amount: Number(second.gross), label: 'VIREMENT', name: second.party.name }]);
    const page = await open('root', { at: `/bank/${bank.id}`, scope: 'ZR7' });
    await importFile(page, 'releve.xml', file, /Importer 2 lignes/);
    await see(page.getByText('Le relevé est importé'));
    await closeDrawer(page);
    await see(page.getByText('0 sur 2 rapprochées'));
    const line = movement(page, first.party.name);
    await see(line.getByText(/même montant/));
    expect(await line.getByRole('link', { name: first.number }).getAttribute('href')).toBe(`/invoices/${first.id}`);
    await line.getByRole('button', { name: 'Confirmer' }).click();
    await see(said(page, 'La ligne est rapprochée'));
    await see(line.getByText('Rapprochée', { exact: true }));
    expect(await openOn(first)).toBe(0);

    const items = page.getByRole('list', { name: 'Lignes' }).getByRole('listitem');
    await items.first().focus();
    const at = (await items.first().textContent())?.includes(second.party.name) ? 0 : 1;
    if (at === 1) await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await see(page.getByText('2 sur 2 rapprochées'));
    expect(await openOn(second)).toBe(0);

    await importFile(page, 'releve.xml', file, /Importer 0 ligne/);
    await see(page.getByText('Ce fichier a déjà été importé'));
  });

  test('takes a payment back that came back: its invoice is open again', async ({ open }) => {
    const paid = await invoice();
    const bank = await bankAccount();
    await as('root').POST('/api/payments', { body: { entity: 'ZR7', party_id: paid.party.id, method: 'transfer', amount: paid.gross, allocations: [{ document_id: paid.id, amount: paid.gross }] } });
    expect(await openOn(paid)).toBe(0);
    const page = await open('root', { at: `/bank/${bank.id}`, scope: 'ZR7' });
    await importFile(page, 'rejet.xml', camt(bank.iban, [{ amount: -Number(paid.gross), label: 'REJET', name: paid.party.name }]), /Importer 1 ligne/);
    await closeDrawer(page);
    await movement(page, 'REJET').getByRole('button', { name: /Rapprocher|Autre/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Règlements', { exact: true }).click();
    await drawer.getByRole('checkbox', { name: new RegExp(paid.party.name) }).check();
    await choose(drawer.getByRole('combobox', { name: 'Ce que la ligne est au règlement' }), 'Son rejet');
    await drawer.getByRole('button', { name: 'Rapprocher', exact: true }).click();
    await see(movement(page, 'REJET').getByText('Règlement annulé'));
    expect(await openOn(paid)).toBe(Number(paid.gross));
  });

  test('lets a person say what a line is: a part of an invoice, charges, nothing; and undoes it', async ({ open }) => {
    const owed = await invoice();
    const bank = await bankAccount();
    const page = await open('root', { at: `/bank/${bank.id}`, scope: 'ZR7' });
    const more = Number(owed.gross) + 33.33;
    await importFile(page, 'divers.xml', camt(bank.iban, [{ amount: more, label: 'TROP PERCU' }, { amount: -12.4, label: 'FRAIS DE TENUE' }, { amount: -5, label: 'ECHEC' }]), /Importer 3 lignes/);
    await closeDrawer(page);

    await movement(page, 'TROP PERCU').getByRole('button', { name: /Rapprocher|Autre/ }).click();
    let drawer = page.getByRole('dialog');
    await drawer.getByText('Factures', { exact: true }).click();
    await drawer.getByRole('searchbox').fill(owed.number);
    await drawer.getByRole('checkbox', { name: owed.number }).check();
    await see(drawer.getByText(/Reste 33,33/));
    await choose(drawer.getByRole('combobox', { name: 'Ce que devient l’écart' }), 'Crédit du client');
    await drawer.getByRole('button', { name: 'Rapprocher', exact: true }).click();
    await see(movement(page, 'TROP PERCU').getByText('Règlement saisi'));
    expect(await openOn(owed)).toBe(0);

    await movement(page, 'FRAIS DE TENUE').getByRole('button', { name: 'Rapprocher' }).click();
    drawer = page.getByRole('dialog');
    await drawer.getByText('Compte', { exact: true }).click();
    await drawer.getByRole('button', { name: 'Frais bancaires' }).click();
    await drawer.getByRole('button', { name: 'Comptabiliser' }).click();
    await see(movement(page, 'FRAIS DE TENUE').getByText('Écriture passée'));

    await movement(page, 'ECHEC').getByRole('button', { name: 'Rapprocher' }).click();
    drawer = page.getByRole('dialog');
    await drawer.getByText('Écarter', { exact: true }).first().click();
    await field(drawer, 'Motif').fill('Erreur de la banque');
    await drawer.getByRole('button', { name: 'Écarter' }).click();
    await see(movement(page, 'ECHEC').getByText('Erreur de la banque'));
    await see(page.getByText('3 sur 3 rapprochées'));

    await movement(page, 'TROP PERCU').getByRole('button', { name: 'Défaire' }).click();
    drawer = page.getByRole('dialog', { name: 'Défaire le rapprochement' });
    await field(drawer, 'Motif').fill('Mauvais client');
    await drawer.getByRole('button', { name: 'Défaire' }).click();
    await see(said(page, 'La ligne attend de nouveau'));
    expect(await openOn(owed)).toBe(Number(owed.gross));
  });

  test('reads a table of a bank once it is told which column is what', async ({ open }) => {
    const bank = await bankAccount();
    const page = await open('root', { at: `/bank/${bank.id}`, scope: 'ZR7', expected: /422/ });
    const mark = unique();
    const table = `Jour;Sens;Texte;Somme\n03/11/2026;C;LOYER ${mark};1 200,50\n04/11/2026;D;EAU ${mark};-80,00\n`;
    await page.getByRole('button', { name: 'Importer un relevé' }).click();
    const drawer = page.getByRole('dialog', { name: 'Importer un relevé' });
    await drawer.locator('input[type=file]').setInputFiles({ name: 'banque.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
    await see(drawer.getByText('Colonnes du fichier'));
    await choose(drawer.getByRole('combobox', { name: 'Montant', exact: true }), /^4 · Somme/);
    await settled(page);
    await choose(drawer.getByRole('combobox', { name: 'Contrepartie', exact: true }), /^3 · Texte/);
    await see(drawer.getByRole('table', { name: 'Premières lignes' }).getByText(/1.200,50/));
    await drawer.getByRole('button', { name: /Importer 2 lignes/ }).click();
    await see(drawer.getByText('Le relevé est importé'));
    await closeDrawer(page);
    await see(movement(page, `EAU ${mark}`));
    const { data } = await as('root').GET('/api/bank/accounts/{id}', { params: { path: { id: bank.id } } });
    expect([data?.csv_mapping?.amount, data?.reconciliation.unmatched_lines]).toEqual([{ kind: 'signed', column: 3 }, 2]);
  });
});
