import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { audited } from './audits.ts';
import { arrive, as, choose, expect, field, gone, goTo, heading, type Page, row, rows, said, see, settled, test, until } from './support.ts';

const LONG_MS = 150_000;

/** Whether the page, or what scrolls in the midst of it, is wider than the screen. */
function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => [document.documentElement, document.querySelector('main')].some((one) => one !== null && one.scrollWidth > one.clientWidth));
}

describe('the audit', () => {
  test('keeps its runs: each is chosen from a list, compared with the one before, and taken away', async ({ open }) => {
    await audited();
    await audited();
    const page = await open('root', { at: '/audit', scope: 'ALL' });
    await see(page.getByRole('heading', { level: 2, name: 'Depuis l’audit précédent' }));
    await see(page.getByRole('figure', { name: 'Le score dans le temps' }));
    await page.getByRole('combobox', { name: 'Quel audit' }).click();
    await page.getByRole('option', { name: /par Camille Durand/ }).first().click();
    await arrive(page, /^\/audit\?run=/);
    const id = new URL(page.url()).searchParams.get('run');
    await see(heading(page, /^Audit du /));
    const take = async (name: RegExp) => {
      await page.getByRole('button', { name: 'Emporter' }).click();
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
    };
    const report = await take(/HTML/);
    expect(report.name).toMatch(/^audit-demo-\d{4}-\d\d-\d\d\.html$/);
    expect(report.text).toContain('security.second_factor');
    const data = await take(/JSON/);
    expect((JSON.parse(data.text) as { id: string }).id).toBe(id);
  }, LONG_MS);

  test('is for those who may see it', async ({ open }) => {
    const page = await open('admin', { at: '/audit' });
    await see(page.getByText('Cette page ne vous est pas ouverte'));
    expect(await page.getByRole('link', { name: 'Audit', exact: true }).count()).toBe(0);
  });
});

describe('an alert', () => {
  test('leads to what it is about, and is taken care of with a note', async ({ open }) => {
    await as('root', 'ALL').POST('/api/alerts/checks', {});
    const { data } = await as('root').GET('/api/alerts', { params: { query: { kind: 'invoice_overdue_7days', state: 'open' } } });
    const number = data?.items[0]?.text.split(',')[0] ?? '';
    const page = await open('root', { at: '/alerts?kind=invoice_overdue_7days', scope: 'ZR7' });
    await see(page.getByRole('link', { name: /^Alertes/ }).getByTitle(/alertes? ouvertes?$/));
    await row(page, 'Alertes', number).getByText('Facture en retard').click();
    const drawer = page.getByRole('dialog', { name: 'Facture en retard' });
    await field(drawer, 'Note').fill('Relancée par téléphone');
    await drawer.getByRole('button', { name: 'Je m’en occupe' }).click();
    await see(said(page, 'C’est noté'));
    await see(drawer.getByText('Prise en charge', { exact: true }));
    await see(drawer.getByText('Relancée par téléphone').first());
    await drawer.getByRole('link', { name: 'Ouvrir ce dont il s’agit' }).click();
    await see(heading(page, new RegExp(number)));
    await goTo(page, '/alerts?state=acknowledged');
    await see(row(page, 'Alertes', number));
    await page.getByText('Terminée', { exact: true }).click();
    await arrive(page, '/alerts?state=resolved');
    await until(async () => expect(await row(page, 'Alertes', number).count()).toBe(0));
  });

  test('comes up live, is counted in the menu, and its kind leads to it', async ({ open }) => {
    const settings = { params: {}, body: { rules: { invoice_overdue_30days: { severity: 'info' as const } } } };
    const page = await open('root', { at: '/alerts?kind=invoice_overdue_30days&severity=info', scope: 'ZR7' });
    await see(page.getByText('Rien ne correspond à ces filtres.'));
    try {
      await as('root', 'ALL').PUT('/api/settings/alerts', settings);
      await as('root', 'ALL').POST('/api/alerts/checks', {});
      await see(rows(page, 'Alertes').first());
    } finally {
      await as('root', 'ALL').PUT('/api/settings/alerts', { body: { rules: { invoice_overdue_30days: {} } } });
    }
    await page.getByRole('tab', { name: 'Ce qui est surveillé' }).click();
    await page.getByRole('link', { name: /Facture en retard$/ }).click();
    await arrive(page, '/alerts?kind=invoice_overdue_7days');
  });
});

describe('the settings of alerts', () => {
  test('keep a threshold that was changed, refuse what means nothing, and go back to the defaults', async ({ open }) => {
    const page = await open('root', { at: '/settings?tab=alerts', scope: 'ALL', expected: /422/ });
    const list = page.getByRole('list', { name: 'Types d’alertes' });
    const rule = list.getByRole('listitem').filter({ hasText: 'Envois inexploitables' });
    await rule.getByRole('button').click();
    const form = page.getByRole('dialog', { name: 'Envois inexploitables' });
    await field(form, 'Seuil').fill('33');
    await see(form.getByText('plus de 33 envois'));
    await choose(form.getByRole('combobox', { name: 'Vérifiée' }), 'Selon une expression cron');
    await field(form, 'Expression cron').fill('souvent');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await see(form.getByText('n’est pas une expression cron à cinq champs').first());
    await choose(form.getByRole('combobox', { name: 'Vérifiée' }), 'Chaque jour');
    await field(form, 'À').fill('08:15');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await gone(form);
    await see(rule.getByText('plus de 33 envois'));
    await see(rule.getByText('chaque jour à 08:15'));
    await page.reload();
    await see(rule.getByText('Modifiée'));
    const { data } = await as('root', 'ALL').GET('/api/settings/alerts', {});
    expect(data?.value.rules).toMatchObject({ quarantine_filling: { threshold: 33, cron: '15 8 * * *' } });

    await rule.getByRole('button').click();
    await form.getByRole('button', { name: 'Revenir aux valeurs par défaut' }).click();
    await gone(form);
    await see(rule.getByText('plus de 20 envois'));
    await gone(rule.getByText('Modifiée'));
  });

  test('say when mails rest', async ({ open }) => {
    const page = await open('root', { at: '/settings?tab=alerts', scope: 'ALL' });
    await field(page, 'De').fill('21:30');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await see(said(page, 'Enregistré'));
    const { data } = await as('root', 'ALL').GET('/api/settings/alerts', {});
    expect(data?.value.quiet_hours).toEqual({ from: '21:30', to: '07:00' });
    await page.getByRole('switch', { name: 'Heures calmes' }).click();
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await until(async () => expect((await as('root', 'ALL').GET('/api/settings/alerts', {})).data?.value.quiet_hours).toBeNull());
  });
});

describe('on a phone', () => {
  test('nothing scrolls sideways', async ({ open }) => {
    await audited();
    const page = await open('root', { at: '/audit', scope: 'ZR7' });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const at of ['/audit', '/audit?section=security', '/alerts', '/alerts?tab=rules', '/settings?tab=alerts', '/settings?tab=alerts&rule=jobs_dead', '/operations?tab=signals']) {
      await goTo(page, at);
      expect(await isTooWide(page), at).toBe(false);
    }
    await settled(page);
  }, LONG_MS);
});
