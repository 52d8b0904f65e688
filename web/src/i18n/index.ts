import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { recall, remember } from '@/lib/storage';
import type en from './en';
import type audit from './en/audit';
import type money from './en/money';
import type upkeep from './en/upkeep';

export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'comptoir.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en & typeof money & typeof audit & typeof upkeep };
  }
}

const messages = {
  fr: async () => (await import('./fr')).default,
  en: async () => (await import('./en')).default,
};

/** What only some pages say, most visits never need: those of money; those of the audit and of alerts; those of who keeps the service running. */
const apart = {
  money: { fr: async () => (await import('./fr/money')).default, en: async () => (await import('./en/money')).default },
  audit: { fr: async () => (await import('./fr/audit')).default, en: async () => (await import('./en/audit')).default },
  upkeep: { fr: async () => (await import('./fr/upkeep')).default, en: async () => (await import('./en/upkeep')).default },
};

type Part = keyof typeof apart;

const asked = new Set<Part>();
const added = new Set<`${Language} ${Part}`>();

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
  await addWords(language(), 'money');
}

/** Waited for before a page of the audit or of alerts is shown, as the `beforeLoad` of its route. */
export async function auditWords(): Promise<void> {
  await addWords(language(), 'audit');
}

/** Waited for before Settings or Operations is shown, as the `beforeLoad` of its route. */
export async function upkeepWords(): Promise<void> {
  await addWords(language(), 'upkeep');
}

async function addWords(lng: Language, part: Part): Promise<void> {
  asked.add(part);
  if (added.has(`${lng} ${part}`)) return;
  i18next.addResourceBundle(lng, 'translation', await apart[part][lng](), true);
  added.add(`${lng} ${part}`);
}

export async function setLanguage(lng: Language): Promise<void> {
  if (!i18next.hasResourceBundle(lng, 'translation')) i18next.addResourceBundle(lng, 'translation', await messages[lng]());
  await Promise.all([...asked].map((part) => addWords(lng, part)));
  remember(KEY, lng);
  document.documentElement.lang = lng;
  await i18next.changeLanguage(lng);
}
