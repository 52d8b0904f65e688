import { readAmount, sum } from '@/lib/decimal';

/** The columns that the law names (LPF art. A47 A-1). */
const COLUMNS = 18;
const DEBIT = 11;
const CREDIT = 12;

export interface FecSeen {
  lines: number;
  debit: string;
  credit: string;
  /** Whether every line has all columns. */
  isWhole: boolean;
}

/** What stands in a FEC: its lines, what they come to, and whether none lacks a column. */
export function lookAtFec(text: string, delimiter: string): FecSeen {
  const rows = text.replace(/^\ufeff/, '').split(/\r?\n/).filter((row) => row !== '').map((row) => row.split(delimiter));
  const lines = rows.slice(1);
  const column = (index: number) => sum(lines.map((cells) => readAmount(cells[index] ?? '') ?? '0'));
  return { lines: lines.length, debit: column(DEBIT), credit: column(CREDIT), isWhole: rows.every((cells) => cells.length === COLUMNS) };
}
