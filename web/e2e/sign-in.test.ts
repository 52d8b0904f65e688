import { describe } from 'vitest';
import { addPerson, arrive, expect, field, gone, heading, openAccount, row, rows, see, signIn, test, USERS } from './support.ts';

describe('signing in', () => {
  test('leads from the address and the password to the first page, and out again', async ({ open }) => {
    const page = await open('nobody', { at: '/login', expected: /401/ });
    await signIn(page, USERS.viewer);
    await see(heading(page, 'Cockpit'));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
    await see(heading(page, 'Connexion'));
    await page.goto('/leads');
    await arrive(page, '/login?back=%2Fleads');
  });

  test('tells plainly that the password is wrong, and does not tell whether the address is known', async ({ open }) => {
    const page = await open('nobody', { at: '/login', expected: /401/ });
    await signIn(page, USERS.viewer, 'not the password');
    await see(page.getByRole('alert').getByText('L’e-mail, le mot de passe ou le code est faux.'));
    expect(await field(page, 'Adresse e-mail').inputValue()).toBe(USERS.viewer);
    await signIn(page, 'nobody@demo.example', 'not the password');
    await see(page.getByRole('alert').getByText('L’e-mail, le mot de passe ou le code est faux.'));
    await arrive(page, '/login');
  });

  test('tells plainly that an account is locked, for how long, and what helps', async ({ open }) => {
    const person = await addPerson();
    const page = await open('nobody', { at: '/login', expected: /401|429/ });
    const answer = () => page.waitForResponse((response) => response.url().endsWith('/api/auth/login'));
    for (let failures = 0; failures < 5; failures += 1) {
      const [answered] = await Promise.all([answer(), signIn(page, person.email, 'not the password')]);
      expect(answered.status()).toBe(401);
    }
    await signIn(page, person.email, person.password);
    await see(page.getByRole('alert').getByText('Trop d’échecs de connexion : ce compte est verrouillé pour 15 minutes.'));
    await see(page.getByRole('link', { name: 'Mot de passe oublié ?' }));
  });

  test('comes when the session has ended, and leads back to where one was', async ({ open }) => {
    const page = await open('viewer', { at: '/deliveries?status=sent', expected: /401/ });
    await see(rows(page, 'Livraisons').first());
    await page.context().clearCookies();
    // Whatever is read next finds it out: what this click asks for, or what others change before it.
    await page.getByRole('button', { name: 'Semaine précédente' }).click({ timeout: 3_000 }).catch(() => undefined);
    await see(heading(page, 'Connexion'));
    await signIn(page, USERS.viewer);
    await arrive(page, /^\/deliveries\?status=sent/);
    await see(heading(page, 'Livraisons'));
    await see(row(page, 'Livraisons', 'Envoyée').first());
  });

  test('leads nowhere but into the console', async ({ open }) => {
    const page = await open('nobody', { at: '/login?back=//elsewhere.example/leads' });
    await signIn(page, USERS.viewer);
    await see(heading(page, 'Cockpit'));
    await arrive(page, '/');
  });

  test('is forgotten by the browser once one has signed out', async ({ open }) => {
    const page = await open('nobody', { at: '/login', expected: /401/ });
    await signIn(page, USERS.viewer);
    await see(heading(page, 'Cockpit'));
    await openAccount(page);
    await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
    await see(heading(page, 'Connexion'));
    await page.goBack();
    await see(heading(page, 'Connexion'));
    await gone(heading(page, 'Cockpit'));
  });
});
