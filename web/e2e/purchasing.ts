import { as, unique } from './support.ts';

const LEGAL = {
  ZR7: { legal_name: 'ZR7 Énergie', legal_form: 'SAS', share_capital: '10000.00', address: { line1: '1 rue de la Paix', postal_code: '75002', city: 'Paris', country: 'FR' }, siret: '73282932000074', vat_number: 'FR44732829320', register: 'RCS', register_city: 'Paris', ape_code: '43.22B', iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' },
  MDL: { legal_name: 'MDL Énergie', legal_form: 'SAS', share_capital: '10000.00', address: { line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', country: 'FR' }, siret: '55208131766522', vat_number: 'FR03552081317', register: 'RCS', register_city: 'Paris', ape_code: '43.22B', iban: 'FR7630004000031234567890143', bic: 'BNPAFRPP' },
};

/** Who an entity is by law. */
export async function legalOf(code: keyof typeof LEGAL) {
  return (await as('root', code).GET('/api/entities/{code}/legal', { params: { path: { code } } })).data;
}

/** Gives an entity what the law asks of who writes invoices, where it lacks it. */
export async function lawful(code: keyof typeof LEGAL): Promise<void> {
  if ((await legalOf(code))?.missing.length === 0) return;
  await as('root', code).PUT('/api/entities/{code}/legal', { params: { path: { code } }, body: LEGAL[code] as never });
}

/** An invoice that ZR7 wrote to MDL, as the Factur-X that a supplier would send. */
export async function receivable(lines: object[]): Promise<{ number: string; pdf: Buffer }> {
  const mdl = (await legalOf('MDL'))?.legal;
  const party = await as('root').POST('/api/parties', { body: { entity: 'ZR7', name: `MDL Énergie ${unique()}`, siren: mdl?.siren, vat_number: mdl?.vat_number, address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', email: 'compta@mdl.example' } as never });
  const draft = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party.data?.id ?? '', lines } as never });
  const one = { params: { path: { id: draft.data?.id ?? '' } } };
  const issued = await as('root').POST('/api/documents/{id}/issuance', { ...one, body: {} });
  const file = await as('root').GET('/api/documents/{id}/file', { params: { ...one.params, query: { format: 'pdf' } }, parseAs: 'arrayBuffer' });
  return { number: issued.data?.number ?? '', pdf: Buffer.from(file.data as unknown as ArrayBuffer) };
}

/** The same, received by MDL: its id. */
export async function received(): Promise<string> {
  const { pdf } = await receivable([{ name: 'Prestation', unit_price: '100' }]);
  const { data } = await as('root', 'MDL').POST('/api/incoming-invoices', { params: { query: { entity: 'MDL', file_name: 'facture.pdf' } }, body: pdf as unknown as number[], bodySerializer: (body) => body as unknown as BodyInit, headers: { 'content-type': 'application/octet-stream' } });
  return data?.id ?? '';
}
