import { beforeAll, describe } from 'vitest';
import { arrive, as, choose, expect, field, heading, type Page, row, said, see, test, unique, until } from './support.ts';
import { lawful, legalOf, receivable } from './purchasing.ts';

const LONG_MS = 90_000;

beforeAll(async () => {
  await lawful('ZR7');
  await lawful('MDL');
});

async function drop(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

function idOf(page: Page): string {
  return new URL(page.url()).pathname.split('/')[2] ?? '';
}

async function stored(id: string) {
  return (await as('root', 'MDL').GET('/api/incoming-invoices/{id}', { params: { path: { id } } })).data;
}

/** The accounts that the lines of a document stand on, where they have one of their own. */
async function accountsOf(document: string): Promise<(string | null | undefined)[]> {
  const { data } = await as('root', 'MDL').GET('/api/documents/{id}', { params: { path: { id: document } } });
  return (data?.lines ?? []).map(({ account }) => account);
}

/** Lets a file fall on the page, as from the desktop. */
async function letFall(page: Page, name: string, content: string): Promise<void> {
  const files = await page.evaluateHandle(([called, text]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], called));
    return carried;
  }, [name, content] as const);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: files });
  await see(page.getByText('Relâchez pour recevoir ces fichiers'));
  await page.dispatchEvent('main', 'drop', { dataTransfer: files });
}

describe('purchases', () => {
  test('a Factur-X is received, its supplier linked by one click, approved, booked on chosen accounts, paid', { timeout: LONG_MS }, async ({ open }) => {
    const { number, pdf } = await receivable([{ name: 'Fourniture de leads', quantity: '4', unit_price: '25' }, { name: 'Hébergement', unit_price: '50' }]);
    const seller = (await legalOf('ZR7'))?.legal;
    const supplier = await as('root', 'MDL').POST('/api/parties', { body: { entity: 'MDL', name: `ZR7 fournisseur ${unique()}`, vat_number: seller?.vat_number } as never });
    const page = await open('root', { at: '/purchases', scope: 'MDL' });
    await see(heading(page, 'Achats'));
    await drop(page, 'facture.pdf', pdf);
    await see(heading(page, number));
    const id = idOf(page);
    await see(page.getByRole('cell', { name: 'Fourniture de leads' }));
    expect((await page.getByTestId('gross').textContent())?.replaceAll(/\s/g, ' ')).toBe('180,00 €');
    await see(page.getByText((seller?.iban ?? '').replaceAll(/(.{4})(?=.)/g, '$1 ')));

    await page.getByRole('listitem').filter({ hasText: 'Même n° de TVA' }).filter({ has: page.locator(`a[href="/parties/${supplier.data?.id}"]`) }).getByRole('button', { name: 'Associer' }).click();
    await see(said(page, 'Fournisseur associé'));
    expect((await stored(id))?.party_id).toBe(supplier.data?.id);
    await page.getByRole('button', { name: 'Approuver' }).click();
    await see(said(page, 'Facture approuvée'));

    await page.getByRole('button', { name: 'Comptabiliser' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Un compte par ligne' }).click();
    const account = drawer.getByRole('combobox', { name: 'Compte de Hébergement' });
    await account.fill('613');
    await choose(account, /^613/);
    const preview = drawer.getByRole('table', { name: 'Ce qui sera comptabilisé' });
    await see(preview.getByRole('row', { name: /613\d* 50,00/ }));
    await see(preview.getByRole('row', { name: /Achats 100,00/ }));
    await drawer.getByRole('button', { name: 'Comptabiliser' }).click();
    await see(said(page, 'Facture comptabilisée'));
    await see(heading(page, /À payer/));

    const booked = await stored(id);
    const document = booked?.document_id ?? '';
    expect([booked?.status, Number(booked?.open)]).toEqual(['booked', 180]);
    expect((await accountsOf(document)).at(-1)).toMatch(/^613/);
    await page.getByRole('button', { name: 'Régler le fournisseur' }).click();
    const form = page.getByRole('dialog');
    await field(form, 'Montant').fill('80');
    await choose(form.getByRole('combobox', { name: /^Mode/ }), 'Virement');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Règlement enregistré'));
    await until(async () => expect(Number((await stored(id))?.open)).toBe(100));
    await see(page.getByRole('link', { name: /Reste à payer.100,00/ }));
    await page.getByRole('link', { name: /Reste à payer/ }).click();
    await see(heading(page, number));
    expect(new URL(page.url()).pathname).toBe(`/invoices/${document}`);
    await page.getByRole('link', { name: 'facture.pdf' }).click();
    await arrive(page, `/purchases/${id}`);
  });

  test('what came before leads to the one that is there, and what is no invoice is refused with a sentence', { timeout: LONG_MS }, async ({ open }) => {
    const { number, pdf } = await receivable([{ name: 'Conseil', unit_price: '70' }]);
    const page = await open('root', { at: '/purchases', scope: 'MDL', expected: /status of (409|422)/ });
    await drop(page, 'facture.pdf', pdf);
    await see(heading(page, number));
    const first = idOf(page);
    await page.getByRole('link', { name: 'Achats' }).first().click();
    await see(row(page, 'Achats', number));
    await drop(page, 'encore.pdf', pdf);
    const told = page.getByRole('status', { name: 'Fichiers reçus' });
    await see(told.getByText(/encore\.pdf Ce fichier est déjà arrivé/));
    await letFall(page, 'notes.txt', 'bonjour');
    await see(told.getByText(/notes\.txt Le fichier n’est ni un PDF ni un XML/));
    expect(await told.getByRole('link').count()).toBe(0);
    await drop(page, 'encore.pdf', pdf);
    await told.getByRole('link', { name: 'Ouvrir celle qui est déjà là' }).click();
    await see(heading(page, number));
    expect(idOf(page)).toBe(first);
  });

  test('one that is not owed is refused with a reason and taken up again; what came to the wrong entity says so', { timeout: LONG_MS }, async ({ open }) => {
    const { number, pdf } = await receivable([{ name: 'Conseil', unit_price: '90' }]);
    const page = await open('root', { at: '/purchases', scope: 'ZR7' });
    await drop(page, 'facture.pdf', pdf);
    await see(heading(page, number));
    await see(page.getByText(/pas à cette entité/));
    await see(page.getByText('C-BUYER'));
    await page.getByRole('button', { name: 'Refuser' }).click();
    const asked = page.getByRole('dialog');
    await asked.getByRole('button', { name: 'Refuser' }).click();
    await see(asked.getByText('Obligatoire'));
    await field(asked, 'Motif').fill('Adressée à une autre société');
    await asked.getByRole('button', { name: 'Refuser' }).click();
    await see(said(page, 'Facture refusée'));
    await see(page.getByText('Adressée à une autre société'));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Télécharger le Factur-X' }).click()]);
    const parts: Buffer[] = [];
    for await (const part of await download.createReadStream()) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(pdf)).toBe(true);
    await page.getByRole('button', { name: 'Reprendre' }).click();
    await see(said(page, /attend de nouveau/));
    await see(page.getByRole('button', { name: 'Créer d’après la facture' }));
  });
});
