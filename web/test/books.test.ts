import { describe, expect, test } from 'vitest';
import { firstRows } from '@/features/bank/table';
import { commandOf } from '@/features/bank/match';
import { lookAtFec } from '@/features/ledger/fec';
import { monthOf, presets } from '@/features/ledger/period';
import type { BankSuggestion } from '@/api/schema';

/** A line of a FEC. */
const row = (debit: string, credit: string) => ['VE', 'Ventes', '1', '20260101', '411000', 'Clients', '', '', 'F1', '20260101', 'F1', debit, credit, '', '', '20260101', '', ''].join('|');

describe('a FEC', () => {
  test('is counted and added up exactly', () => {
    const seen = lookAtFec(`\ufeff${row('Debit', 'Credit')}\r\n${row('0,10', '0,00')}\r\n${row('0,20', '0,00')}\r\n${row('0,00', '0,30')}\r\n`, '|');
    expect(seen).toEqual({ lines: 3, debit: '0.3', credit: '0.3', isWhole: true });
  });

  test('that lacks a column is told', () => {
    expect(lookAtFec(`${row('Debit', 'Credit')}\n${row('1,00', '1,00').slice(0, -1)}\n`, '|').isWhole).toBe(false);
  });
});

describe('the first rows of a table', () => {
  test('are cut at their delimiter, but not within quotes', () => {
    expect(firstRows('Date;Texte\r\n01/02/2026;"Loyer; mars"\n', ';')).toEqual([['Date', 'Texte'], ['01/02/2026', 'Loyer; mars']]);
  });

  test('are a few, without empty ones', () => {
    const rows = firstRows(`\n\n${'a,b\n'.repeat(50)}`, ',');
    expect(rows.length).toBeLessThanOrEqual(8);
    expect(new Set(rows.map((one) => one.join()))).toEqual(new Set(['a,b']));
  });
});

describe('periods', () => {
  test('are whole months and quarters, across the year', () => {
    const named = Object.fromEntries(presets([], new Date(2026, 0, 15)).map(({ name, period }) => [name, period]));
    expect(named).toEqual({
      month: { from: '2026-01-01', to: '2026-01-31' },
      lastMonth: { from: '2025-12-01', to: '2025-12-31' },
      quarter: { from: '2026-01-01', to: '2026-03-31' },
      lastQuarter: { from: '2025-10-01', to: '2025-12-31' },
    });
    expect(monthOf('2024-02-10')).toEqual({ from: '2024-02-01', to: '2024-02-29' });
  });
});

describe('confirming a suggestion', () => {
  const documents = [{ document_id: 'd', number: 'F1', party_id: 'p', party_name: 'Acme', amount: '100.00' }];
  const suggestion: BankSuggestion = { kind: 'payment', documents, payment_id: null, unallocated: '0.00', score: 75, reason: 'amount_equal', facts: [], automatic: false };

  test('pays its documents, and what is left becomes credit', () => {
    const payments = [{ document_id: 'd', amount: '100.00' }];
    expect(commandOf(suggestion)).toEqual({ payments });
    expect(commandOf({ ...suggestion, unallocated: '20' })).toEqual({ payments, party_id: 'p', rest: 'credit' });
  });

  test('names the payment that came back or is recorded', () => {
    expect(commandOf({ ...suggestion, kind: 'bounce', documents: [], payment_id: 'y' })).toEqual({ payment_id: 'y' });
    expect(commandOf({ ...suggestion, kind: 'recorded', payment_id: 'y' })).toEqual({ payment_id: 'y' });
  });
});
