/** What stands behind the question mark, as text: a search for 1e5 or null stays what was typed. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const known = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
