import { describe } from 'vitest';
import { as, broken, expect, gone, openAccount, openShop, type Page, row, see, settled, test, unique, goTo, waiting } from './support.ts';

const LONG_MS = 150_000;

/** What lies over a page, which has a test of its own. */
const OVER = ':is([role=dialog], [role=menu])';

/** What opens over a page: where, by what, and what is seen then. */
type Overlay = [at: string, open: (page: Page) => Promise<unknown>, name?: string | RegExp];

function press(name: string | RegExp): (page: Page) => Promise<void> {
  return (page) => page.getByRole('button', { name }).first().click();
}

async function check(page: Page, overlays: readonly Overlay[]): Promise<string[]> {
  const found: string[] = [];
  for (const [at, open, name] of overlays) {
    await goTo(page, at);
    await open(page);
    const options = name === undefined ? {} : { name };
    await see(page.getByRole('dialog', options).or(page.getByRole('menu', options)));
    await settled(page);
    found.push(...(await broken(page, `${at} ${name ?? ''}`, OVER)));
    await page.keyboard.press('Escape');
    await gone(page.locator(OVER));
  }
  return found;
}

describe('no rule of accessibility is broken, in light or dark,', () => {
  test('in what the frame of every page opens', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const found = await check(page, [
      ['/account', async () => {
        await page.keyboard.press('Control+k');
        await page.getByRole('dialog').getByLabel('Nom, téléphone, client, page…').fill('soleil');
        await see(page.getByRole('dialog').getByText('Soleil Habitat').first());
      }],
      ['/account', () => page.keyboard.press('?'), 'Clavier'],
      ['/account', press(/^Notifications/)],
      ['/account', openAccount],
      ['/account', () => page.getByTestId('scope').click()],
    ]);
    expect(found).toEqual([]);
  });

  test('in the forms and drawers', async ({ open }) => {
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const found = await check(page, [
      ['/orders', press('Nouvelle commande'), 'Nouvelle commande'],
      ['/buyers', press('Nouveau client'), 'Nouveau client'],
      ['/users', press('Nouvel utilisateur'), 'Nouvel utilisateur'],
      ['/users', () => row(page, 'Utilisateurs', 'admin.zr7@').click()],
      ['/providers', press('Nouveau fournisseur'), 'Nouveau fournisseur'],
      ['/forms?code=PV-001', () => Promise.resolve(), 'PV-001'],
      ['/departements?place=75', () => Promise.resolve(), /^75 /],
      ['/operations?tab=jobs', () => row(page, 'Tâches', /./).first().click()],
    ]);
    expect(found).toEqual([]);
  }, LONG_MS);

  test('in what asks, chooses and tells about leads and deliveries', async ({ open }) => {
    const shop = await openShop();
    const { id, leadId } = await waiting(shop);
    const slug = `essai-${unique()}`;
    await as('root').POST('/api/providers', { body: { entity: 'ZR7', name: `Fournisseur ${slug}`, slug, consent_by_contract: true } });
    await as('root').POST('/api/views', { body: { page: 'leads', name: `Vue ${slug}`, query: 'status=invalid', shared: false } });
    const page = await open('root', { at: '/account', scope: 'ZR7' });
    await settled(page);
    const simulate = async () => {
      await press('Et si…')(page);
      await page.getByRole('button', { name: 'Simuler' }).click();
      await see(page.getByTestId('simulated'));
    };
    const rotate = async () => {
      await row(page, 'Fournisseurs', slug).getByRole('button', { name: 'Nouvelle clé' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Nouvelle clé' }).click();
    };
    const found = await check(page, [
      [`/leads/${leadId}`, simulate, 'Que deviendrait ce lead ?'],
      [`/leads/${leadId}`, press('Oublier la personne'), 'Effacer les données de cette personne ?'],
      [`/deliveries/${id}`, press('Abandonner'), 'Abandonner cette livraison ?'],
      ['/deliveries', press('Préparer les fichiers'), /^Préparer/],
      ['/leads', press('Colonnes')],
      ['/leads?product=PV', press('Garder cette vue')],
      ['/leads', press(/^Vues$/)],
      ['/providers', rotate, /^La clé de /],
    ]);
    await goTo(page, `/deliveries?buyer=${shop.buyerId}`);
    await row(page, 'Livraisons', /./).getByRole('checkbox').check();
    await see(page.getByRole('toolbar', { name: 'Avec les lignes sélectionnées' }));
    expect([...found, ...(await broken(page, 'deliveries selected'))]).toEqual([]);
  }, LONG_MS);

  test('on the screen of a telephone with its menu open', async ({ open }) => {
    const page = await open('root', { at: '/leads', scope: 'ZR7' });
    await page.setViewportSize({ width: 390, height: 800 });
    await settled(page);
    await page.getByRole('button', { name: 'Menu' }).click();
    await see(page.getByRole('dialog').getByRole('link', { name: 'Livraisons' }));
    const found = await broken(page, 'menu', OVER);
    await page.keyboard.press('Escape');
    await gone(page.getByRole('dialog'));
    expect([...found, ...(await broken(page, 'list'))]).toEqual([]);
  });
});
