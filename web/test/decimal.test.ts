import { describe, expect, test } from 'vitest';
import { isNegative, isZero, least, minus, opposite, readAmount, sum } from '@/lib/decimal';

describe('amounts', () => {
  test('are added exactly, where binary fractions are not', () => {
    expect(sum(['0.1', '0.2'])).toBe('0.3');
    expect(sum(Array.from({ length: 1000 }, () => '0.001'))).toBe('1');
    expect(sum(['90071992547409.93', '0.01', '-0.02'])).toBe('90071992547409.92');
    expect(sum([])).toBe('0');
  });

  test('are subtracted and compared', () => {
    expect(minus('10.0000', '10')).toBe('0');
    expect(minus('1', '1.05')).toBe('-0.05');
    expect(opposite('-12.40')).toBe('12.4');
    expect(least('2', '10')).toBe('2');
    expect([isZero('0.0000'), isZero('-0.01'), isNegative('-0.01'), isNegative('0')]).toEqual([true, false, true, false]);
  });

  test.each([
    ['1 234,50', '1234.5'],
    ['1\u202f234,5', '1234.5'],
    ['12.', '12'],
    ['.5', '0.5'],
    ['-3', '-3'],
    ['007', '7'],
  ])('%s is read as typed', (typed, amount) => {
    expect(readAmount(typed)).toBe(amount);
  });

  test.each(['', '-', 'abc', '1,2,3', '1e5', '12 €'])('%s is no amount', (typed) => {
    expect(readAmount(typed)).toBeUndefined();
  });
});
