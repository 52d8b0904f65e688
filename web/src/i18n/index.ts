import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { recall, remember } from '@/lib/storage';
import type en from './en';
import type money from './en/money';

export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'comptoir.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en & typeof money };
  }
}

const messages = {
  fr: async () => (await import('./fr')).default,
  en: async () => (await import('./en')).default,
};

/** What only the pages of money say: most visits never need it. */
const aboutMoney = {
  fr: async () => (await import('./fr/money')).default,
  en: async () => (await import('./en/money')).default,
};

const withMoney = new Set<Language>();
let moneyWanted = false;

/** The language in force. */
export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'fr';
}

/** The one chosen here before, else the first of the browser's that there is, else French. */
function preferred(): Language {
  const wanted = [recall(KEY), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LANGUAGES.find((known) => known === wanted.find((tag) => LANGUAGES.some((one) => one === tag))) ?? 'fr';
}

export async function startLanguage(): Promise<void> {
  const lng = preferred();
  await i18next.use(initReactI18next).init({
    lng,
    resources: { [lng]: { translation: await messages[lng]() } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = lng;
}

/** Waited for before a page of money is shown, as the `beforeLoad` of its route. */
export async function moneyWords(): Promise<void> {
  moneyWanted = true;
  await addMoneyWords(language());
}

async function addMoneyWords(lng: Language): Promise<void> {
  if (withMoney.has(lng)) return;
  i18next.addResourceBundle(lng, 'translation', await aboutMoney[lng](), true);
  withMoney.add(lng);
}

export async function setLanguage(lng: Language): Promise<void> {
  if (!i18next.hasResourceBundle(lng, 'translation')) i18next.addResourceBundle(lng, 'translation', await messages[lng]());
  if (moneyWanted) await addMoneyWords(lng);
  remember(KEY, lng);
  document.documentElement.lang = lng;
  await i18next.changeLanguage(lng);
}
