import type { TFunction } from 'i18next';

/** What the service says of a field, by its shape; `a` and `b` are its figures or words. */
export const FIELD_MESSAGES = [
  [/^(?:must have|must be|must name|must be between) (?<a>[\d ]+) (?:to|and) (?<b>[\d ]+)(?: characters)?$/, 'between'],
  [/^must have at least (?<a>\d+) characters$/, 'atLeast'],
  [/^must (?:be|have) at most (?<a>\d+)(?: characters| bytes)?$/, 'atMost'],
  [/^(?:is required.*|must not be empty|a name is needed.*)$/i, 'required'],
  [/^must be (?<a>[\d]+ to [\d]+) lower-case letters.*$/, 'lowerCase'],
  [/^must be 1 to 255 visible ASCII characters$/, 'ascii'],
  [/^must be letters, digits, - and _$/, 'plainWord'],
  [/^(?:has an account already|an account that exists keeps its own password|is a member already)$/, 'accountExists'],
  [/^(?:must be the code of an active entity.*|there is no (?:such )?entity.*|belongs to another entity|a write needs one entity.*|.*must be the code of an entity.*)$/, 'entity'],
  [/^is (?:no longer sold|not in the catalogue)$/, 'product'],
  [/^is not a valid phone number$|^looks made up$|^must be phone numbers$/, 'phone'],
  [/^is not the present code$/, 'code'],
  [/^is not your password$/, 'ownPassword'],
  [/^must not be the e-mail address$/, 'notEmail'],
  [/^must not hold a password.*$/, 'noPasswordHere'],
  [/^must not contain the character U\+0000$/, 'nul'],
  [/^must (?:not be later than to|lie within ten years of to)$/, 'dates'],
  [/^must be new, invalid, no_open_orders or hold_source$/, 'byHand'],
  [/^must be country codes of 1 to 3 digits$/, 'countryCodes'],
  [/^one file goes to one buyer under one order$/, 'oneFile'],
  [/^give a phone, an e-mail address or both$/, 'phoneOrEmail'],
  [/^must be a PNG or a JPEG$|^cannot be read as an image$/, 'image'],
  [/^must have (?<a>\d+) to (?<b>\d+) pixels a side$/, 'pixels'],
  [/^must have one at least$/, 'oneRole'],
  [/^cannot say here who buys leads$/, 'noBuyerHere'],
  [/^only a person is a consumer$/, 'consumer'],
  [/^is needed with the day it holds from$/, 'priceWithDay'],
  [/^must be 1 to 20 of A-Z.*$/, 'plainCode'],
  [/^must have nine digits$|^is no SIREN.*$/, 'siren'],
  [/^must have fourteen digits$|^is no SIRET.*$/, 'siret'],
  [/^must begin with the SIREN$/, 'sirenOfSiret'],
  [/^must end with the SIREN$/, 'sirenOfVat'],
  [/^is no French VAT number.*$|^must begin with its country.*$|^does not look like a VAT number.*$/, 'vatNumber'],
  [/^is no IBAN.*$/, 'iban'],
  [/^must have 8 or 11 characters.*$/, 'bic'],
  [/^must have four digits and a letter.*$/, 'ape'],
  [/is no country of ISO 3166-1.*$/, 'country'],
  [/is no currency of ISO 4217.*$/, 'currency'],
  [/^must have five digits in France$/, 'postalCode'],
  [/^must be an amount .*$/, 'amount'],
  [/^must be #rrggbb$/, 'color'],
  [/^must begin with https:.*$/, 'site'],
  [/^must be a day of every year.*$/, 'yearEnd'],
  [/^is too long$|^must have at most \d+ characters$/, 'tooLong'],
  [/^must be another than the first$/, 'otherCurrency'],
  [/^not an e-mail address.*$/, 'email'],
  [/^must be four digits, or EM.*$/, 'scheme'],
  [/^is needed with its scheme$/, 'withScheme'],
] as const satisfies readonly (readonly [RegExp, string])[];

/** What is wrong with a field, in the reader's language; the service's own words where the catalogue has none. */
export function fieldText(t: TFunction, message: string): string {
  for (const [pattern, key] of FIELD_MESSAGES) {
    const found = pattern.exec(message);
    if (found) return t(`field.${key}`, { a: found.groups?.a ?? '', b: found.groups?.b ?? '' });
  }
  return message;
}
