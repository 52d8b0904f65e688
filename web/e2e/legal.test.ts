import { describe } from 'vitest';
import { as, expect, said, see, test } from './support.ts';

/** A green square of 2 by 2. */
const SQUARE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mPQqzUCIgYIBQAYKgN1rtrmCgAAAABJRU5ErkJggg==', 'base64');

describe('the legal identity of an entity', () => {
  test('says what invoices still need, names the number that is wrong, and shows the logo that is chosen', async ({ open }) => {
    const params = { path: { code: 'MDL' } };
    const before = await as('root').GET('/api/entities/{code}/legal', { params });
    const page = await open('root', { at: '/settings?tab=legal&entity=MDL', expected: /422/ });
    const state = page.getByRole('status', { name: 'Ce qu’il faut pour facturer' });
    await see(state.getByText('Rien ne manque'));

    await page.getByRole('textbox', { name: 'IBAN' }).fill('');
    await page.getByRole('textbox', { name: 'SIRET' }).fill('999 000 201 00016');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await see(page.getByText('pas un SIRET').first());
    await page.getByRole('textbox', { name: 'SIRET' }).fill('999 000 201 00015');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    await see(state.getByText('IBAN'));

    const logo = page.getByRole('img', { name: /^Logo de/ });
    const width = () => logo.evaluate((image: HTMLImageElement) => image.naturalWidth);
    expect(await width()).toBe(96);
    await page.locator('input[type=file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: SQUARE });
    await expect.poll(width).toBe(2);

    const { data, error } = await as('root').PUT('/api/entities/{code}/legal', { params, body: before.data?.legal ?? {} });
    expect(error).toBeUndefined();
    expect(data?.missing).toEqual([]);
  });
});
