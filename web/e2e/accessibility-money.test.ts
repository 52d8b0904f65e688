import { describe } from 'vitest';
import { lawful, received } from './purchasing.ts';
import { as, broken, expect, goTo, settled, test } from './support.ts';
import { first, LONG_MS, walk } from './walking.ts';

describe('no rule of accessibility is broken, in light or dark,', () => {
  test('on the pages of billing', async ({ open }) => {
    const one = { params: { query: { limit: 1, entity: 'ZR7' } } };
    const [record, buyer] = await Promise.all([as('root').GET('/api/billing/records', one), as('root').GET('/api/clients', { params: { query: { ...one.params.query, search: 'Soleil Habitat' } } })]);
    const page = await open('root', { scope: 'ZR7' });
    await settled(page);
    const pages = ['/billing', '/billing?tab=month', '/billing?tab=records', '/billing?tab=credits', `/billing/records/${first(record)}`, '/intercompany', '/intercompany?tab=invoices', '/intercompany?tab=reconciliation', '/intercompany?tab=prices', `/buyers/${first(buyer)}?tab=pricing`];
    expect(await walk(page, pages)).toEqual([]);
  }, LONG_MS);

  test('on the lists of documents, payments, customers and the catalogue', async ({ open }) => {
    const page = await open('root', { at: '/invoices', scope: 'ZR7' });
    await settled(page);
    expect(await walk(page, ['/invoices', '/invoices?tab=offers', '/invoices?tab=all', '/invoices?tab=overdue', '/invoices?tab=reminders', '/payments', '/parties', '/products', '/products?item=new'])).toEqual([]);
  }, LONG_MS);

  test('on a document, a payment and a customer', async ({ open }) => {
    const party = await as('root').POST('/api/parties', { body: { entity: 'ZR7', name: 'Accessible SA', siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris' } });
    const draft = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party.data?.id ?? '', lines: [{ name: 'Prestation', unit_price: '100' }], discount: { percent: '10' } } as never });
    const payment = await as('root').POST('/api/payments', { body: { entity: 'ZR7', party_id: party.data?.id ?? '', method: 'cash', amount: '30' } });
    const page = await open('root', { at: '/invoices', scope: 'ZR7' });
    await settled(page);
    expect(await walk(page, [`/invoices/${draft.data?.id}`, `/invoices/${draft.data?.id}?tab=history`, `/invoices/${draft.data?.id}/edit`, `/invoices/new?customer=${party.data?.id}`, `/payments/${payment.data?.id}`, `/parties/${party.data?.id}`, `/parties/${party.data?.id}?tab=payments`, `/parties/${party.data?.id}?tab=statement`])).toEqual([]);
  }, LONG_MS);

  test('on the pages of what suppliers billed', async ({ open }) => {
    await lawful('ZR7');
    await lawful('MDL');
    const id = await received();
    const page = await open('root', { at: '/purchases', scope: 'MDL' });
    await settled(page);
    expect(await walk(page, ['/purchases', `/purchases/${id}`])).toEqual([]);
    await page.getByRole('button', { name: 'Refuser' }).click();
    await settled(page);
    expect(await broken(page, 'the refusal', '[role=dialog]')).toEqual([]);
    await as('root', 'MDL').POST('/api/incoming-invoices/{id}/supplier', { params: { path: { id } }, body: { create: true } });
    await as('root', 'MDL').POST('/api/incoming-invoices/{id}/approval', { params: { path: { id } } });
    await goTo(page, '/purchases');
    await goTo(page, `/purchases/${id}`);
    await page.getByRole('button', { name: 'Comptabiliser' }).click();
    await settled(page);
    expect(await broken(page, 'the booking', '[role=dialog]')).toEqual([]);
  }, LONG_MS);

  test('on the pages of the books and of the bank', async ({ open }) => {
    const query = { entity: 'ZR7', limit: 1 };
    const party = await as('root').POST('/api/parties', { body: { entity: 'ZR7', name: 'Client des règles', siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', email: 'compta@client.example' } });
    const draft = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party.data?.id ?? '', lines: [{ name: 'Prestation', unit_price: '100.00' }] } });
    await as('root').POST('/api/documents/{id}/issuance', { params: { path: { id: draft.data?.id ?? '' } }, body: {} });
    const [entry, account, made] = await Promise.all([
      as('root').GET('/api/ledger/entries', { params: { query } }),
      as('root').GET('/api/ledger/accounts', { params: { query: { ...query, search: '411000' } } }),
      as('root').POST('/api/ledger/accounts', { body: { entity: 'ZR7', code: '512987', class: 'asset', name_fr: 'Banque des règles' } }),
    ]);
    const bank = await as('root').POST('/api/bank/accounts', { body: { entity: 'ZR7', name: 'Banque des règles', number: '987', ledger_account: made.data?.code ?? '' } });
    const bankId = bank.data?.id ?? '';
    const table = 'Date;Libellé;Montant\n03/11/2026;LOYER;-100,00\n04/11/2026;VIREMENT;250,00\n';
    await as('root').POST('/api/bank/accounts/{id}/statements', { params: { path: { id: bankId } }, body: Buffer.from(table) as unknown as number[], bodySerializer: (body) => body as unknown as BodyInit, headers: { 'content-type': 'application/octet-stream' } });
    const line = await as('root').GET('/api/bank/lines', { params: { query: { account: bankId, limit: 1 } } });
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const ledger = ['', '?tab=entries', '?tab=accounts', '?tab=aged', '?tab=aged&side=suppliers', '?tab=vat', '?tab=exports', '?tab=periods', '?tab=setup'].map((tab) => `/ledger${tab}`);
    const details = [`/ledger/entries/${first(entry)}`, `/ledger/accounts/${first(account)}`, `/invoices/${draft.data?.id}?tab=mails`, '/bank', `/bank/${bankId}`, `/bank/${bankId}?tab=statements`, `/bank/lines/${first(line)}`];
    expect(await walk(page, [...ledger, ...details])).toEqual([]);
  }, LONG_MS);
});
