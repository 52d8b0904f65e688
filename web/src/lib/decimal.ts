/** Amounts as decimal strings, added exactly: money is never a binary fraction. */

/** Digits behind the point that are kept; the service stores fewer. */
const PLACES = 10;

function units(amount: string): bigint {
  const [, sign, whole = '0', fraction = ''] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(amount) ?? [];
  const value = BigInt((whole || '0') + fraction.slice(0, PLACES).padEnd(PLACES, '0'));
  return sign === '-' ? -value : value;
}

function text(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What was typed as an amount, `1 234,50` as well as `1234.5`, as a decimal string; undefined when it is none. */
export function readAmount(typed: string): string | undefined {
  const plain = typed.replaceAll(/[\s\u202f\u00a0]/g, '').replace(',', '.');
  return /^-?(?:\d+\.?\d*|\.\d+)$/.test(plain) ? text(units(plain)) : undefined;
}

export function sum(amounts: readonly string[]): string {
  return text(amounts.reduce((total, amount) => total + units(amount), 0n));
}

export function minus(one: string, other: string): string {
  return text(units(one) - units(other));
}

export function opposite(amount: string): string {
  return text(-units(amount));
}

export function isZero(amount: string): boolean {
  return units(amount) === 0n;
}

export function isNegative(amount: string): boolean {
  return units(amount) < 0n;
}

/** The smaller of two amounts. */
export function least(one: string, other: string): string {
  return units(one) < units(other) ? text(units(one)) : text(units(other));
}

/** A number as people type it, as the API takes it: a comma or a point, blanks between the thousands. What is none stays, for the service to refuse. */
export function toDecimal(typed: string): string {
  return typed.replaceAll(/\s/g, '').replace(',', '.');
}

/** A decimal without zeros that say nothing: `20` of `20.00`. */
export function shortDecimal(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** A decimal as people type it here. */
export function typedDecimal(decimal: string, language: string): string {
  return language === 'fr' ? shortDecimal(decimal).replace('.', ',') : shortDecimal(decimal);
}

/** An amount as people type it here, with its cents. */
export function typedMoney(amount: string, language: string): string {
  const [whole = '', part = ''] = (readAmount(amount) ?? amount).split('.');
  return `${whole}${language === 'fr' ? ',' : '.'}${part.padEnd(2, '0')}`;
}
