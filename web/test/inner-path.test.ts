import { expect, test } from 'vitest';
import { innerPath } from '@/lib/inner-path';

test('D-04 a way back leads into the console', () => {
  for (const path of ['/', '/leads', '/leads?status=new&search=a%2Fb', '/invoices/1#lines', '/leads?back=//evil.example', '/l%C3%A9ads', '/a:b']) {
    expect(innerPath(path)).toBe(path);
  }
});

test('D-04, F-65 a way back leads nowhere else, however it is written', () => {
  const elsewhere = [
    '', 'leads', '//evil.example', '///evil.example', String.raw`/\evil.example`, String.raw`\\evil.example`, '/%2f%2fevil.example', '/%2Fevil.example', '/%5Cevil.example', '/%5c%5cevil.example', 'https://evil.example', 'javascript:alert(1)', ' /leads', '/\t/evil.example', '/\n/evil.example', '/leads\u0000', '/%09/evil.example', '/.//evil.example',
    '/..//evil.example', '/%2e//evil.example', '/a/..//evil.example', '/%E0%A4%A', undefined, null, 7, ['/leads'],
  ];
  for (const path of elsewhere) expect(innerPath(path), String(path)).toBeUndefined();
});
