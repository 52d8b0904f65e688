import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { recall, remember } from '@/lib/storage';
import type en from './en';

export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'comptoir.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

const messages = {
  fr: async () => (await import('./fr')).default,
  en: async () => (await import('./en')).default,
};

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

export async function setLanguage(lng: Language): Promise<void> {
  if (!i18next.hasResourceBundle(lng, 'translation')) i18next.addResourceBundle(lng, 'translation', await messages[lng]());
  remember(KEY, lng);
  document.documentElement.lang = lng;
  await i18next.changeLanguage(lng);
}
