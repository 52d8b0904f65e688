import { afterEach, describe, inject } from 'vitest';
import { lettersTo, type Letter } from './mailbox.ts';
import { arrive, as, expect, field, heading, row, said, see, settled, test, unique, until } from './support.ts';

const LONG_MS = 90_000;

/** What a pattern would give is asked of the service, which refuses it if it must. */
const REFUSED = /status of 422/;

async function customer(): Promise<{ id: string; email: string }> {
  const email = `compta-${unique()}@client.example`;
  const { data } = await as('root').POST('/api/parties', { body: { entity: 'ZR7', name: `Charpentes ${unique()}`, siren: '443061841', address_line1: '8 rue de Londres', postal_code: '75009', city: 'Paris', email } });
  return { id: data?.id ?? '', email };
}

async function issued(party: string): Promise<{ id: string; number: string }> {
  const draft = await as('root').POST('/api/documents', { body: { entity: 'ZR7', party_id: party, lines: [{ name: 'Prestation', unit_price: '120.00' }] } });
  const { data } = await as('root').POST('/api/documents/{id}/issuance', { params: { path: { id: draft.data?.id ?? '' } }, body: {} });
  return { id: data?.id ?? '', number: data?.number ?? '' };
}

/** The letters to an address, once there is one. */
function letters(address: string): Promise<Letter[]> {
  return until(() => {
    const found = lettersTo(inject('dataDir'), address);
    if (found.length === 0) throw new Error(`Nothing came to ${address}.`);
    return found;
  });
}

function pdfs(letter: Letter | undefined): string[] {
  return Object.values(letter?.files ?? {}).filter((file) => file.startsWith('%PDF'));
}

/** What is overdue in the demo and was never asked for. */
async function late(): Promise<{ id: string; number: string }> {
  const { data } = await as('root').GET('/api/invoices', { params: { query: { status: 'overdue', limit: 200 } } });
  for (const { id, number, disputed } of data?.items ?? []) {
    const asked = await as('root').GET('/api/documents/{id}/reminders', { params: { path: { id } } });
    if (!disputed && asked.data?.reminders.length === 0) return { id, number: number ?? '' };
  }
  throw new Error('Nothing is late.');
}

/** How ZR7 writes the numbers of its pro forma invoices: the one series that the demo has not used. */
async function numbers() {
  const { data } = await as('root').GET('/api/billing/numbering', { params: { query: { entity: 'ZR7' } } });
  return data?.series.find((one) => one.series === 'pro_forma');
}

// What is switched on here would write to the customers of other tests.
afterEach(async () => {
  const [mails, reminders] = await Promise.all([as('root').GET('/api/settings/document-mails', {}), as('root').GET('/api/settings/reminders', {})]);
  if (Object.keys(mails.data?.value.per_entity ?? {}).length > 0) await as('root').PUT('/api/settings/document-mails', { body: { per_entity: {}, version: mails.data?.version ?? null } });
  if (Object.keys(reminders.data?.value.per_entity ?? {}).length > 0) await as('root').PUT('/api/settings/reminders', { body: { per_entity: {}, version: reminders.data?.version ?? null } });
});

describe('an issued invoice', () => {
  test('is mailed with its page, and shows as sent once the server took it', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id, number } = await issued(party.id);
    const page = await open('root', { at: `/invoices/${id}?tab=mails`, scope: 'ZR7' });
    await see(page.getByText('Rien n’a encore été envoyé'));
    await page.getByRole('button', { name: 'Envoyer par e-mail' }).click();
    const form = page.getByRole('dialog', { name: `Envoyer ${number} par e-mail` });
    await see(form.getByText(party.email));
    await field(form, 'Copie').fill('archives@client.example,');
    await field(form, 'Message').fill('Merci pour ces beaux travaux.');
    await form.getByRole('button', { name: 'Envoyer par e-mail' }).click();
    await see(said(page, 'L’e-mail part'));
    await see(page.getByText('Envoyé', { exact: true }));
    await see(page.getByText(/copie à archives@client\.example/));
    const [letter, ...more] = await letters(party.email);
    expect(more).toEqual([]);
    expect(letter?.subject).toBeTruthy();
    expect(letter?.text).toContain('Merci pour ces beaux travaux.');
    expect(pdfs(letter).length).toBe(1);
    const { data } = await as('root').GET('/api/documents/{id}/mails', { params: { path: { id } } });
    expect(data?.items.map(({ status, to, cc }) => [status, to, cc])).toEqual([['accepted', [party.email], ['archives@client.example']]]);
  });

  test('is not sent to what is no address, which is said at its field', { timeout: LONG_MS }, async ({ open }) => {
    const party = await customer();
    const { id } = await issued(party.id);
    const page = await open('root', { at: `/invoices/${id}`, scope: 'ZR7', expected: REFUSED });
    await page.getByRole('button', { name: 'Envoyer par e-mail' }).click();
    const form = page.getByRole('dialog');
    const copy = field(form, 'Copie');
    await copy.fill('nobody,');
    await form.getByRole('button', { name: 'Envoyer par e-mail' }).click();
    await until(async () => expect(await copy.getAttribute('aria-invalid')).toBe('true'));
    const { data } = await as('root').GET('/api/documents/{id}/mails', { params: { path: { id } } });
    expect(data?.items).toEqual([]);
  });

  test('is mailed by itself once its entity says so', { timeout: LONG_MS }, async ({ open }) => {
    const page = await open('root', { at: '/settings?tab=billing', scope: 'ZR7' });
    const mails = page.locator('section').filter({ hasText: 'E-mail à l’émission' });
    await see(mails.getByText(/sans que personne ne confirme/));
    await mails.getByRole('switch', { name: 'Envoyer chaque document au client dès son émission' }).click();
    await mails.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    const party = await customer();
    await issued(party.id);
    const [letter] = await letters(party.email);
    expect(pdfs(letter).length).toBe(1);
  });
});

describe('reminders', () => {
  test('are switched on, sent now, come back, are suspended with a reason and resumed', { timeout: LONG_MS }, async ({ open }) => {
    const { id, number } = await late();
    const page = await open('root', { at: '/settings?tab=billing', scope: 'ZR7', expected: REFUSED });
    const rules = page.locator('section').filter({ hasText: 'Relances · ZR7' });
    await rules.getByRole('switch', { name: 'Relancer les clients dont une facture est en retard' }).click();
    await field(rules, '2e relance').fill('2');
    await rules.getByRole('button', { name: 'Enregistrer' }).click();
    await until(async () => expect(await field(rules, '2e relance').getAttribute('aria-invalid')).toBe('true'));
    await field(rules, '2e relance').fill('12');
    await field(rules, 'Jours sans relance').fill('2027-07-14');
    await rules.getByRole('button', { name: 'Ajouter un jour' }).click();
    await see(rules.getByRole('button', { name: 'Retirer le 14/07/2027' }));
    await rules.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    const stored = await as('root').GET('/api/settings/reminders', {});
    expect(stored.data?.value.per_entity?.ZR7).toMatchObject({ enabled: true, second_days: 12, closed_days: ['2027-07-14'] });

    await page.goto(`/invoices/${id}?tab=mails`);
    await page.getByRole('button', { name: 'Relancer maintenant' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Relancer maintenant' }).click();
    await see(said(page, 'La relance part'));
    await see(page.getByText('Envoyée', { exact: true }));
    const { data } = await as('root').GET('/api/documents/{id}/reminders', { params: { path: { id } } });
    expect(data?.reminders.map(({ step, status }) => [step, status])).toEqual([['first', 'sent']]);
    const sent = await letters(data?.reminders[0]?.recipients[0] ?? '');
    expect(sent.some(({ subject, text }) => `${subject} ${text}`.includes(number))).toBe(true);

    await page.goto('/invoices?tab=reminders&status=sent&step=first');
    await row(page, 'Relances', number).getByRole('button', { name: 'Signaler un retour' }).click();
    await field(page.getByRole('dialog'), 'Motif du retour').fill('Boîte pleine');
    await page.getByRole('dialog').getByRole('button', { name: 'Signaler un retour' }).click();
    await see(said(page, 'C’est noté'));
    await page.goto('/invoices?tab=reminders&status=bounced');
    await row(page, 'Relances', number).getByText('Revenue').click();
    await arrive(page, `/invoices/${id}?tab=mails`);
    await see(page.getByText('Boîte pleine'));

    await page.getByRole('button', { name: 'Suspendre' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspendre' }).click();
    await see(page.getByRole('dialog').getByText('Obligatoire'));
    await field(page.getByRole('dialog'), 'Ce que le client conteste').fill('Quatre numéros injoignables');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspendre' }).click();
    await see(page.getByText('Quatre numéros injoignables'));
    await see(heading(page, /Contestée/));
    await page.getByRole('button', { name: 'Reprendre' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reprendre' }).click();
    await see(page.getByRole('button', { name: 'Suspendre' }));
    const after = await as('root').GET('/api/documents/{id}/reminders', { params: { path: { id } } });
    expect(after.data?.suspension ?? null).toBeNull();
  });
});

describe('the pattern of a series', () => {
  test('shows the number it gives before it is saved, and is refused at its field', { timeout: LONG_MS }, async ({ open }) => {
    const page = await open('root', { at: '/settings?tab=billing', scope: 'ZR7', expected: REFUSED });
    await settled(page);
    const series = page.locator('form').filter({ has: page.getByLabel('Pro forma') });
    const pattern = series.getByLabel('Pro forma');
    const year = String(new Date().getFullYear());
    await see(page.getByText('Factures', { exact: true }).last());
    for (const [illegal, why] of [['SANS-{NNNN}', /une année/], ['FAC-{YYYY}-{NNNN}', /une autre série/]] as const) {
      await pattern.fill(illegal);
      await see(series.getByText(why));
      expect(await pattern.getAttribute('aria-invalid')).toBe('true');
      expect(await series.getByRole('button', { name: 'Enregistrer' }).isDisabled()).toBe(true);
    }
    await pattern.fill('PF-{YYYY}-{NNN}');
    await see(series.getByText(`PF-${year}-001`));
    await series.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    expect(await numbers()).toMatchObject({ pattern: 'PF-{YYYY}-{NNN}', next_number: `PF-${year}-001`, is_own: true });
    await series.getByRole('button', { name: 'Revenir au modèle usuel' }).click();
    await until(async () => expect((await numbers())?.is_own).toBe(false));
  });
});
