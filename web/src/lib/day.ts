/** The day where the reader is, as the API writes days. */
export function today(): string {
  // Swedes write days as ISO 8601 does.
  return new Date().toLocaleDateString('sv-SE');
}

/** The first day of the month of a day. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 8)}01`;
}
