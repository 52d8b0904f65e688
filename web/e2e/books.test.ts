import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { account, entry, invoice } from './bookkeeping.ts';
import { arrive, as, BASE, expect, field, gone, heading, type Page, row, rows, said, see, test, unique, until } from './support.ts';

describe('the ledger', () => {
  test('T-05 shows an invoice that was issued in its journal, and leads from the balance over the card to the document', async ({ open }) => {
    for (const asked of ['/healthz', '/readyz', '/api/system/version']) expect((await fetch(`${BASE}${asked}`)).status, asked).toBe(200);
    const issued = await invoice();
    const page = await open('root', { at: `/ledger?tab=entries&journal=VE&search=${issued.number}`, scope: 'ZR7' });
    await see(row(page, 'Journaux', issued.number));
    expect(await rows(page, 'Journaux').count()).toBe(1);

    await page.getByRole('tab', { name: 'Balance', exact: true }).click();
    await see(page.getByText('Équilibrée'));
    await page.getByRole('table', { name: 'Balance' }).getByRole('link', { name: /^411000/ }).click();
    await see(heading(page, /^411000/));

    await page.goto('/ledger?tab=aged');
    await page.getByRole('table', { name: 'Balance âgée' }).getByRole('link', { name: issued.party.name }).click();
    await see(row(page, 'Fiche de compte', issued.number));
    expect(await rows(page, 'Fiche de compte').count()).toBe(1);
    await row(page, 'Fiche de compte', issued.number).getByRole('link', { name: /^VE/ }).click();
    await arrive(page, /^\/ledger\/entries\//);
    const source = page.getByRole('link', { name: issued.number, exact: true });
    expect(await source.getAttribute('href')).toBe(`/invoices/${issued.id}`);
  });

  test('letters two lines that settle each other, and takes them apart again', async ({ open }) => {
    const own = await account('467', 'asset');
    await entry('Avance', own.code, '471000', '120.50');
    await entry('Remboursement', '471000', own.code, '120.50');
    await entry('Autre', own.code, '471000', '7.00');
    const page = await open('root', { at: `/ledger/accounts/${own.id}`, scope: 'ZR7' });
    const lines = rows(page, 'Fiche de compte');
    const check = (text: string) => row(page, 'Fiche de compte', text).getByRole('checkbox').check();
    await check('Autre');
    await check('Remboursement');
    await see(page.getByText(/Écart -113,50/));
    expect(await page.getByRole('button', { name: 'Lettrer' }).isDisabled()).toBe(true);
    await row(page, 'Fiche de compte', 'Autre').getByRole('checkbox').uncheck();
    await check('Avance');
    await see(page.getByText(/Écart 0,00/));
    await page.getByRole('button', { name: 'Lettrer' }).click();
    await see(said(page, 'Les lignes sont lettrées'));
    await page.getByRole('switch', { name: 'Non lettrées seulement' }).click();
    await until(async () => expect(await lines.count()).toBe(1));
    await page.getByRole('switch', { name: 'Non lettrées seulement' }).click();
    await row(page, 'Fiche de compte', 'Avance').getByRole('button', { name: /^Lettrage/ }).click();
    await page.getByRole('button', { name: 'Délettrer' }).click();
    await see(said(page, 'Les lignes sont délettrées'));
    await gone(row(page, 'Fiche de compte', 'Avance').getByRole('button', { name: /^Lettrage/ }));
    const { data } = await as('root').GET('/api/ledger/accounts/{id}/card', { params: { path: { id: own.id }, query: { open: true } } });
    expect(data?.items.length).toBe(3);
  });

  test('refuses an entry that does not balance at once, and posts it once it does; its mirror takes it back', async ({ open }) => {
    const page = await open('root', { at: '/ledger', scope: 'ZR7' });
    const label = `Loyer ${unique()}`;
    const form = await write(page, label, '613000', '471000', '1 250,40', '1 250,30');
    const asked: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));
    await see(form.getByText(/Il manque 0,10/));
    await form.getByRole('button', { name: 'Comptabiliser' }).click();
    await see(form.getByText('L’écriture n’est pas équilibrée'));
    expect(asked).toEqual([]);
    await form.getByRole('group', { name: 'Ligne 2' }).getByLabel('Crédit').fill('1250.4');
    await see(form.getByText('Équilibrée'));
    await form.getByRole('button', { name: 'Comptabiliser' }).click();
    await arrive(page, /^\/ledger\/entries\//);
    await see(heading(page, /^OD/));
    expect(await page.getByRole('table', { name: 'Lignes' }).getByText(/1.250,40/).count()).toBe(4);

    await page.getByRole('button', { name: 'Contrepasser' }).click();
    const drawer = page.getByRole('dialog');
    await field(drawer, 'Motif').fill('Saisie en double');
    await drawer.getByRole('button', { name: 'Contrepasser' }).click();
    await see(page.getByText('Contrepassation', { exact: true }));
    const { data } = await as('root').GET('/api/ledger/entries', { params: { query: { entity: 'ZR7', search: label } } });
    expect(data?.items.filter((one) => one.reversed_by).length).toBe(1);
  });

  test('refuses what lies in a locked period, in words, until the lock is lifted', async ({ open }) => {
    const page = await open('root', { at: '/ledger?tab=periods', scope: 'ZR7', expected: /409|422/ });
    const why = `Déclarée ${unique()}`;
    await page.getByRole('button', { name: 'Verrouiller une période' }).click();
    const drawer = page.getByRole('dialog', { name: 'Verrouiller une période' });
    await field(drawer, 'Premier jour').fill('2026-02-01');
    await field(drawer, 'Dernier jour').fill('2026-02-28');
    await field(drawer, 'Motif').fill(why);
    await drawer.getByRole('button', { name: 'Verrouiller une période' }).click();
    const lock = page.getByRole('row').filter({ hasText: why });
    await see(lock.getByText('Verrouillée'));

    const form = await write(page, 'Trop tard', '613000', '471000', '10', '10');
    await field(form, 'Date').fill('2026-02-14');
    await form.getByRole('button', { name: 'Comptabiliser' }).click();
    await see(form.getByText('La date est dans une période verrouillée ou un exercice clos.'));
    await form.getByRole('button', { name: 'Annuler' }).click();

    await lock.getByRole('button', { name: 'Déverrouiller' }).click();
    const lift = page.getByRole('dialog', { name: 'Déverrouiller' });
    await field(lift, 'Motif').fill('Rectification');
    await lift.getByRole('button', { name: 'Déverrouiller' }).click();
    await see(lock.getByText('Levé : Rectification'));
  });

  test('gives the FEC of a year: eighteen columns on every line, debit equal to credit', async ({ open }) => {
    await invoice();
    const page = await open('root', { at: '/ledger?tab=exports', scope: 'ZR7' });
    await page.getByText('Barre |').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Télécharger' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^\d{9}FEC\d{8}\.txt$/);
    const lines = readFileSync(await download.path(), 'utf8').split(/\r?\n/).filter((line) => line !== '');
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([18]));
    expect(lines.length).toBeGreaterThan(3);
    await see(page.getByText('18 colonnes à chaque ligne'));
    await see(page.getByText(/Débit = crédit/));
  });
});

/** Writes an entry of two lines into the form, and leaves it there. */
async function write(page: Page, label: string, debited: string, credited: string, debit: string, credit: string) {
  await page.getByRole('button', { name: 'Nouvelle écriture' }).click();
  const form = page.getByRole('dialog', { name: 'Nouvelle écriture' });
  await field(form, 'Libellé').fill(label);
  for (const [index, code, side, amount] of [[1, debited, 'Débit', debit], [2, credited, 'Crédit', credit]] as const) {
    const line = form.getByRole('group', { name: `Ligne ${index}` });
    const list = line.getByRole('combobox', { name: 'Compte' });
    await list.click();
    await list.fill(code);
    await page.getByRole('option', { name: new RegExp(`^${code}`) }).click();
    await line.getByLabel(side).fill(amount);
  }
  return form;
}
