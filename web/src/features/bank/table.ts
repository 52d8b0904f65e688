import type { StatementMapping } from '@/api/schema';

/** Rows of a table that are shown to choose its columns by. */
const SHOWN = 8;

/** A mapping to begin with where none could be guessed. */
export const PLAIN: Omit<StatementMapping, 'currency'> = {
  delimiter: ';',
  has_header: true,
  date: 0,
  date_format: 'day_month_year',
  label: [1],
  amount: { kind: 'signed', column: 2 },
  decimal: ',',
};

/** A file's text; most banks write UTF-8, the others Windows' western. */
export async function textOf(file: Blob, encoding?: string | null): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder(encoding ?? 'utf-8', { fatal: !encoding }).decode(bytes);
  } catch {
    // No UTF-8, or an encoding that the browser does not know.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The first rows of a table, for a person to look at: the service reads the file itself. */
export function firstRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length <= SHOWN; at += 1) {
    const mark = text.charAt(at);
    if (mark === '"') quoted = !quoted;
    else if (!quoted && mark === delimiter) {
      rows.at(-1)?.push(cell);
      cell = '';
    } else if (!quoted && mark === '\n') {
      rows.at(-1)?.push(cell);
      cell = '';
      rows.push([]);
    } else if (mark !== '\r') cell += mark;
  }
  rows.at(-1)?.push(cell);
  return rows.filter((row) => row.some((one) => one.trim() !== '')).slice(0, SHOWN);
}
