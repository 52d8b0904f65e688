import { createHmac } from 'node:crypto';
import { describe, inject } from 'vitest';
import { lettersTo } from './mailbox.ts';
import { addPerson, as, broken, expect, field, heading, openAccount, row, said, see, signIn, test, until } from './support.ts';

const STEP_S = 30;

/** The code of an authenticator (RFC 6238) `steps` from now. */
function authenticatorCode(secret: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_S) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('a forgotten password', () => {
  test('is replaced by the link that comes by mail, which works once', async ({ open }) => {
    const person = await addPerson();
    const page = await open('nobody', { at: '/login', expected: /400/ });
    await page.getByRole('link', { name: 'Mot de passe oublié ?' }).click();
    await see(heading(page, 'Mot de passe oublié'));
    await field(page, 'Adresse e-mail').fill(person.email);
    await page.getByRole('button', { name: 'M’envoyer le lien' }).click();
    await see(page.getByRole('status').getByText('Si cette adresse a un compte, le lien est en route.'));
    const link = await until(() => {
      const found = lettersTo(inject('dataDir'), person.email).map(({ text }) => /http\S+#token=\S+/.exec(text)?.[0])[0];
      if (found === undefined) throw new Error('no mail has come');
      return found;
    });

    await page.goto(link);
    await field(page, 'Nouveau mot de passe').fill('a fresh password');
    await field(page, 'Nouveau mot de passe, encore').fill('another one');
    await page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
    await see(page.getByText('Les deux sont différents.'));
    await field(page, 'Nouveau mot de passe, encore').fill('a fresh password');
    await page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
    await see(page.getByRole('status').getByText('Le mot de passe est enregistré'));
    await page.getByRole('link', { name: 'Vers la connexion' }).click();
    await signIn(page, person.email, 'a fresh password');
    await see(heading(page, 'Cockpit'));

    await page.goto('/login');
    await page.goto(link);
    await field(page, 'Nouveau mot de passe').fill('yet another one');
    await field(page, 'Nouveau mot de passe, encore').fill('yet another one');
    await page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
    await see(page.getByRole('alert').getByText('Ce lien a servi ou est trop ancien'));
    await see(page.getByRole('link', { name: 'Demander un autre lien' }));
  });

  test('is asked for alike by an address that nobody has', async ({ open }) => {
    const page = await open('nobody', { at: '/forgot-password' });
    await field(page, 'Adresse e-mail').fill('nobody@demo.example');
    await page.getByRole('button', { name: 'M’envoyer le lien' }).click();
    await see(page.getByRole('status').getByText('Si cette adresse a un compte, le lien est en route.'));
  });
});

describe('a password that somebody else chose', () => {
  test('is replaced before anything else, at sign-in and in a session that is open', async ({ open }) => {
    const person = await addPerson();
    const oblige = () => as('root', 'ALL').PUT('/api/auth/users/{id}', { params: { path: { id: person.id } }, body: { must_change_password: true } });
    await oblige();
    const page = await open('nobody', { at: '/login?back=%2Fbuyers', expected: /422|428/ });
    await signIn(page, person.email, person.password);
    await see(heading(page, 'Choisissez votre mot de passe'));
    expect(await broken(page, 'a new password')).toEqual([]);
    await page.goto('/leads');
    await see(heading(page, 'Choisissez votre mot de passe'));
    const replace = async (current: string, fresh: string) => {
      await field(page, 'Mot de passe actuel').fill(current);
      await field(page, 'Nouveau mot de passe').fill(fresh);
      await field(page, 'Nouveau mot de passe, encore').fill(fresh);
      await page.getByRole('button', { name: 'Enregistrer' }).click();
    };
    await replace(person.password, person.password);
    await see(page.getByText('c’est le mot de passe actuel'));
    await replace(person.password, 'a password of my own');
    await see(heading(page, 'Leads'));

    await oblige();
    await page.getByRole('link', { name: 'Clients', exact: true }).click();
    await see(heading(page, 'Choisissez votre mot de passe'));
    await replace('a password of my own', 'yet another of my own');
    await see(heading(page, 'Clients'));
  });
});

describe('sessions', () => {
  test('T-18 are seen by whom they are of, who ends all but this one', async ({ open }) => {
    const person = await addPerson();
    const elsewhere = await open('nobody', { at: '/login', expected: /401/ });
    await signIn(elsewhere, person.email, person.password);
    await see(heading(elsewhere, 'Cockpit'));
    const page = await open('nobody', { at: '/login?back=%2Faccount' });
    await signIn(page, person.email, person.password);
    const sessions = page.getByRole('table', { name: 'Sessions' }).locator('tbody tr');
    await expect.poll(() => sessions.count()).toBe(2);
    expect(await sessions.filter({ hasText: 'Celle-ci' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Fermer toutes les autres' }).click();
    await see(said(page, '1 session fermée'));
    await expect.poll(() => sessions.count()).toBe(1);
    await elsewhere.goto('/leads');
    await see(heading(elsewhere, 'Connexion'));
  });

  test('T-18 of one person are ended by who manages users', async ({ open }) => {
    const person = await addPerson();
    const theirs = await open('nobody', { at: '/login', expected: /401/ });
    await signIn(theirs, person.email, person.password);
    await see(heading(theirs, 'Cockpit'));
    const page = await open('root', { at: '/users', scope: 'ALL' });
    await page.getByLabel('Nom ou e-mail').fill(person.email);
    await row(page, 'Utilisateurs', person.email).click();
    await page.getByRole('button', { name: 'Fermer les sessions' }).click();
    await page.getByRole('dialog', { name: /^Fermer les sessions/ }).getByRole('button', { name: 'Fermer les sessions' }).click();
    await see(said(page, '1 session fermée'));
    await theirs.goto('/leads');
    await see(heading(theirs, 'Connexion'));
  });
});

describe('the second factor', () => {
  test('is enrolled with an authenticator, and asked for: its code or, once, a recovery code', async ({ open }) => {
    const person = await addPerson();
    const page = await open('nobody', { at: '/login', expected: /401|422/ });
    await signIn(page, person.email, person.password);
    await see(heading(page, 'Cockpit'));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Mon compte' }).click();
    await page.getByRole('button', { name: 'Mettre en place' }).click();
    await see(page.getByTitle('Code QR du second facteur').or(page.getByRole('img', { name: 'Code QR du second facteur' })).first());
    const secret = (await field(page, 'Secret').textContent()) ?? '';
    await field(page, 'Code').fill('000000');
    await page.getByRole('button', { name: 'Confirmer' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'code' }));
    await field(page, 'Code').fill(authenticatorCode(secret));
    await page.getByRole('button', { name: 'Confirmer' }).click();
    await see(page.getByText('Gardez-les : ils ne seront plus affichés.'));
    const recovery = await page.getByTestId('recovery-codes').locator('code').allTextContents();
    expect(recovery).toHaveLength(10);
    await page.getByRole('button', { name: 'Je les ai gardés' }).click();
    await see(page.getByText('Actif', { exact: true }));

    const signOut = async () => {
      await openAccount(page);
      await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
      await see(heading(page, 'Connexion'));
    };
    const answer = async (code: string) => {
      await signIn(page, person.email, person.password);
      await field(page, 'Code').fill(code);
      await page.getByRole('button', { name: 'Se connecter' }).click();
    };
    await signOut();
    // A code is good once; the one of the next step is accepted early.
    await answer(authenticatorCode(secret, 1));
    await see(heading(page, 'Cockpit'));
    await signOut();
    await answer(recovery[0] ?? '');
    await see(heading(page, 'Cockpit'));
    await signOut();
    await answer(recovery[0] ?? '');
    await see(page.getByRole('alert').getByText('L’e-mail, le mot de passe ou le code est faux.'));
  });

  test('is taken away with the password', async ({ open }) => {
    const person = await addPerson();
    const page = await open('nobody', { at: '/login?back=%2Faccount' });
    await signIn(page, person.email, person.password);
    await page.getByRole('button', { name: 'Mettre en place' }).click();
    const secret = (await field(page, 'Secret').textContent()) ?? '';
    await field(page, 'Code').fill(authenticatorCode(secret));
    await page.getByRole('button', { name: 'Confirmer' }).click();
    await page.getByRole('button', { name: 'Je les ai gardés' }).click();
    await field(page, 'Mot de passe').fill(person.password);
    await page.getByRole('button', { name: 'Retirer le second facteur' }).click();
    await see(said(page, 'Le second facteur est retiré'));
    await see(page.getByRole('button', { name: 'Mettre en place' }));
  });
});
