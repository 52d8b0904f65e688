import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '@/api/schema';

/** Who signs in, by what they may do. */
export const USERS = {
  root: 'admin@demo.example',
  admin: 'admin.zr7@demo.example',
  ops: 'ops.zr7@demo.example',
  viewer: 'viewer.zr7@demo.example',
} as const;

export type UserName = keyof typeof USERS;

let drawn = 0;

/** Distinct within this run, for names and numbers. */
export function unique(): number {
  drawn += 1;
  return (Date.now() % 1_000_000) * 100 + (drawn % 100);
}

/** An address that no other caller of this run has. */
export function address(): string {
  const number = unique();
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** A telephone number that nobody has and that looks like one. */
export function freshPhone(): string {
  return `07${String(10_000_000 + (unique() % 90_000_000))}`;
}

export interface Service {
  client: Client<paths>;
}

/** The API as `token`, over `scope`; what it refuses is an error. */
export function connect(base: string, token: string, scope = 'ALL'): Service {
  const client = createClient<paths>({ baseUrl: base, headers: { authorization: `Bearer ${token}`, 'x-entity-scope': scope, 'x-forwarded-for': address() } });
  client.use({
    onResponse: async ({ request, response }) => {
      if (!response.ok) throw new Error(`${request.method} ${request.url} answered ${response.status}: ${await response.text()}`);
    },
  });
  return { client };
}

export async function signInByApi(base: string, email: string, password: string): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': address() };
  const answer = await fetch(`${base}/api/auth/login`, { method: 'POST', headers, body: JSON.stringify({ email, password }) });
  if (!answer.ok) throw new Error(`${email} cannot sign in: ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}

export interface Submitted {
  lead_id: string;
  status: string;
  phone: string;
}

/** Sends a lead as the script on a landing page would. */
export async function submitLead(base: string, form: string, fields: Record<string, unknown> = {}): Promise<Submitted> {
  const lead = { session_id: `e2e-${unique()}`, form_code: form, phone: freshPhone(), nom: 'Essai', departement: '75', rgpd_consent: true, ...fields };
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': address() };
  const answer = await fetch(`${base}/api/public/leads?tenant=demo`, { method: 'POST', headers, body: JSON.stringify(lead) });
  if (!answer.ok) throw new Error(`The lead was refused: ${await answer.text()}`);
  return { ...((await answer.json()) as { lead_id: string; status: string }), phone: lead.phone };
}

export interface Shop {
  product: string;
  form: string;
  buyerId: string;
  buyerName: string;
  email: string;
  orderId: string;
  submit: (fields?: Record<string, unknown>) => Promise<Submitted>;
}

/**
 * A product, a form, a buyer and an order of a test's own: what its form receives goes to its buyer, whatever else the demo
 * holds and whichever day it is.
 */
export async function openShop(base: string, token: string, { entity = 'ZR7', product = `T${unique()}`, order = true }: { entity?: string; product?: string; order?: boolean } = {}): Promise<Shop> {
  const { client } = connect(base, token, entity);
  const form = `${product}-001`;
  const buyerName = `Maison ${product}`;
  const email = `leads@${product.toLowerCase()}.example`;
  await client.POST('/api/products', { body: { code: product, name: `Essai ${product}` } });
  await client.PUT('/api/settings/forms-config/{code}', { params: { path: { code: form } }, body: { entity, produit: product } });
  const buyer = await client.POST('/api/clients', { body: { entity, name: buyerName, email } });
  const buyerId = buyer.data?.id ?? '';
  const made = order ? await client.POST('/api/commandes', { body: { entity, buyer_id: buyerId, product, departements: ['*'], quota_semaine: 0 } }) : undefined;
  return { product, form, buyerId, buyerName, email, orderId: made?.data?.id ?? '', submit: (fields) => submitLead(base, form, fields) };
}

export interface Person {
  id: string;
  email: string;
  password: string;
}

/** A user of a test's own, whose account it may spoil. */
export async function addPerson(base: string, token: string, role: 'admin' | 'ops' | 'viewer' = 'admin'): Promise<Person> {
  const { client } = connect(base, token, 'ZR7');
  const email = `essai-${unique()}@demo.example`;
  const password = `secret-${unique()}-of-the-test`;
  const { data } = await client.POST('/api/auth/users', { body: { email, password, name: `Essai ${unique()}`, role, entity: 'ZR7' } });
  return { id: data?.id ?? '', email, password };
}
