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
] as const satisfies readonly (readonly [RegExp, string])[];

/** What is wrong with a field, in the reader's language; the service's own words where the catalogue has none. */
export function fieldText(t: TFunction, message: string): string {
  for (const [pattern, key] of FIELD_MESSAGES) {
    const found = pattern.exec(message);
    if (found) return t(`field.${key}`, { a: found.groups?.a ?? '', b: found.groups?.b ?? '' });
  }
  return message;
}
