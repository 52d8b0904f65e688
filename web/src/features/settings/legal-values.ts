import type { Legal } from '@/api/schema';
import type en from '@/i18n/en/legal';

/** The fields of a legal identity that have a name on screen. */
export type LegalField = keyof (typeof en)['legal']['field'];

const TEXTS = ['legal_name', 'legal_form', 'share_capital', 'siret', 'registration_number', 'vat_number', 'register', 'register_city', 'ape_code', 'iban', 'bic', 'bank_name', 'phone', 'email', 'website', 'accent_color', 'penalty_text', 'recovery_fee', 'early_payment_text', 'footer_text', 'currency', 'second_currency', 'electronic_address', 'electronic_scheme'] as const;

/** What the form of a legal identity holds: texts, empty where nothing is filled in. */
export type LegalValues = Record<(typeof TEXTS)[number], string> & {
  address: { line1: string; line2: string; postal_code: string; city: string; country: string };
  vat_regime: string;
  fiscal_year_end: string;
  language: string;
  insurance: { insurer: string; policy: string; territory: string };
  mediator: { name: string; address: string; website: string };
};

export function toValues(legal: Legal): LegalValues {
  const { address, insurance, mediator } = legal;
  return {
    ...(Object.fromEntries(TEXTS.map((field) => [field, legal[field] ?? ''])) as Record<(typeof TEXTS)[number], string>),
    address: { line1: address?.line1 ?? '', line2: address?.line2 ?? '', postal_code: address?.postal_code ?? '', city: address?.city ?? '', country: address?.country ?? 'FR' },
    vat_regime: legal.vat_regime ?? 'on_invoicing',
    fiscal_year_end: legal.fiscal_year_end ?? '12-31',
    language: legal.language ?? 'fr',
    insurance: { insurer: insurance?.insurer ?? '', policy: insurance?.policy ?? '', territory: insurance?.territory ?? '' },
    mediator: { name: mediator?.name ?? '', address: mediator?.address ?? '', website: mediator?.website ?? '' },
  };
}

/** What is sent: nothing where nothing is filled in. The SIREN follows from the SIRET; what the form does not show stays. */
export function toLegal(values: LegalValues, stored: Legal): Legal {
  const texts = Object.fromEntries(TEXTS.map((field) => [field, values[field].trim() || null]));
  const siren = values.siret.trim() === '' ? stored.siren : null;
  return { ...stored, ...values, ...texts, siren } as Legal;
}
