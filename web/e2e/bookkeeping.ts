import { as, unique } from './support.ts';

/** The day of the business, which may be another than that of the machine. */
const TODAY = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Paris' });

/** An IBAN of France whose check digits are right. */
function iban(): string {
  const bank = `30004008${String(unique()).padStart(15, '0')}`.slice(0, 23);
  // F is 15 and R is 27; the remainder of a number this long is taken digit by digit.
  const rest = [...`${bank}152700`].reduce((sum, digit) => (sum * 10 + Number(digit)) % 97, 0);
  return `FR${String(98 - rest).padStart(2, '0')}${bank}`;
}

async function customer(): Promise<{ id: string; name: string }> {
  const name = `Client ${unique()}`;
  const { data } = await as('root').POST('/api/parties', { body: { entity: 'ZR7', name, siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', email: 'compta@client.example' } });
  return { id: data?.id ?? '', name };
}

interface Invoice {
  id: string;
  number: string;
  gross: string;
  party: { id: string; name: string };
}

/** An invoice of ZR7 that was issued today, over an amount that no other has. */
export async function invoice(): Promise<Invoice> {
  const party = await customer();
  const net = `${1000 + (unique() % 100_000)}.00`;
  const draft = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party.id, lines: [{ name: 'Prestation', unit_price: net }] } });
  const { data } = await as('root').POST('/api/documents/{id}/issuance', { params: { path: { id: draft.data?.id ?? '' } }, body: {} });
  return { id: data?.id ?? '', number: data?.number ?? '', gross: Number(data?.gross).toFixed(2), party };
}

export async function openOn(document: Invoice): Promise<number> {
  const { data } = await as('root').GET('/api/documents/{id}', { params: { path: { id: document.id } } });
  return Number(data?.balance);
}

/** An account of a test's own, by code. */
export async function account(prefix: string, kind: 'asset' | 'liability'): Promise<{ id: string; code: string }> {
  const { data } = await as('root').POST('/api/ledger/accounts', { body: { entity: 'ZR7', code: `${prefix}${unique()}`, class: kind, name_fr: `Essai ${unique()}` } });
  return { id: data?.id ?? '', code: data?.code ?? '' };
}

export async function entry(label: string, debit: string, credit: string, amount: string): Promise<void> {
  await as('root').POST('/api/ledger/entries', { body: { entity: 'ZR7', label, lines: [{ account: debit, debit: amount }, { account: credit, credit: amount }] } });
}

export async function bankAccount(): Promise<{ id: string; iban: string; code: string }> {
  const ledger = await account('512', 'asset');
  const number = iban();
  const { data } = await as('root').POST('/api/bank/accounts', { body: { entity: 'ZR7', name: `Banque ${unique()}`, iban: number, ledger_account: ledger.code } });
  return { id: data?.id ?? '', iban: number, code: ledger.code };
}

interface Movement {
  amount: number;
  label: string;
  name?: string;
}

const money = (amount: number) => `<Amt Ccy="EUR">${Math.abs(amount).toFixed(2)}</Amt><CdtDbtInd>${amount < 0 ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;

/** A statement as a bank writes it: ISO 20022, camt.053.001.02. */
export function camt(of: string, movements: readonly Movement[]): Buffer {
  const balance = (code: string, amount: number) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${money(amount)}<Dt><Dt>${TODAY}</Dt></Dt></Bal>`;
  const party = ({ amount, name }: Movement) => (name === undefined ? '' : `<RltdPties><${amount < 0 ? 'Cdtr' : 'Dbtr'}><Nm>${name}</Nm></${amount < 0 ? 'Cdtr' : 'Dbtr'}></RltdPties>`);
  const entries = movements.map((one) => `<Ntry>${money(one.amount)}<Sts>BOOK</Sts><BookgDt><Dt>${TODAY}</Dt></BookgDt><ValDt><Dt>${TODAY}</Dt></ValDt><AcctSvcrRef>R${unique()}</AcctSvcrRef><BkTxCd><Prtry><Cd>VIR</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>${party(one)}<RmtInf><Ustrd>${one.label}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`);
  const total = movements.reduce((sum, { amount }) => sum + amount, 0);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>${TODAY}T08:00:00</CreDtTm></GrpHdr><Stmt><Id>S${unique()}</Id><CreDtTm>${TODAY}T08:00:00</CreDtTm><Acct><Id><IBAN>${of}</IBAN></Id><Ccy>EUR</Ccy></Acct>${balance('OPBD', 0)}${balance('CLBD', total)}${entries.join('')}</Stmt></BkToCstmrStmt></Document>`);
}
