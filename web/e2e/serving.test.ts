import { describe } from 'vitest';
import { BASE, expect, test } from './support.ts';

function policy(answer: Response): Record<string, string> {
  const text = answer.headers.get('content-security-policy') ?? '';
  return Object.fromEntries(text.split(';').map((one) => one.trim()).map((one) => [one.split(' ')[0] ?? '', one.slice(one.indexOf(' ') + 1)]));
}

async function assets(): Promise<string[]> {
  const page = await (await fetch(`${BASE}/`)).text();
  return [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
}

describe('the page of the console', () => {
  test('is asked for anew each time, with a policy that lets no script but its own run, and a fresh number for its styles', async () => {
    const answers = [await fetch(`${BASE}/`), await fetch(`${BASE}/`)];
    const nonces = answers.map((answer) => {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      const { 'script-src': scripts, 'style-src': styles, 'default-src': others, 'frame-ancestors': frames } = policy(answer);
      expect(scripts).toBe("'self'");
      expect(others).toBe("'none'");
      expect(frames).toBe("'none'");
      expect(styles).not.toContain('unsafe-inline');
      return /'nonce-([^']+)'/.exec(styles ?? '')?.[1];
    });
    expect(new Set(nonces).size).toBe(2);
    const page = await fetch(`${BASE}/`);
    const html = await page.text();
    expect(html).toContain(`nonce="${/'nonce-([^']+)'/.exec(policy(page)['style-src'] ?? '')?.[1]}"`);
    expect(html).not.toContain('__CSP_NONCE__');
    expect(html).not.toMatch(/<script(?![^>]*src=)/);
  });

  test('is answered at every address that is a screen’s', async () => {
    for (const path of ['/leads', '/leads/01a1fe58-1d70-7eaf-ad29-88fab007a1ad', '/orders?view=priority', '/reset-password']) {
      const answer = await fetch(BASE + path);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
    }
  });
});

describe('its files', () => {
  test('whose names carry a hash are kept for good and travel compressed', async () => {
    const paths = await assets();
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      const answer = await fetch(BASE + path, { headers: { 'accept-encoding': 'br' } });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-encoding')).toBe('br');
      expect(answer.headers.get('vary')).toContain('accept-encoding');
      expect(answer.headers.get('content-type')).toMatch(/^text\/(javascript|css)/);
      await answer.arrayBuffer();
    }
  });

  test('come plain to who takes no brotli, and not at all to who has them', async () => {
    const [path = ''] = await assets();
    const plain = await fetch(BASE + path, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    await plain.arrayBuffer();
    const known = await fetch(BASE + path, { headers: { 'if-none-match': plain.headers.get('etag') ?? '' } });
    expect(known.status).toBe(304);
  });

  test('that do not exist are not found, nor is what is not for the public', async () => {
    for (const path of ['/assets/index-00000000.js', '/nothing.png', '/build.json', '/index.html.br', '/assets/../build.json']) {
      const answer = await fetch(BASE + path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.get('content-type')).not.toContain('html');
    }
  });
});

describe('an address of the API that nobody answers', () => {
  test('is a problem, not a page', async () => {
    const answer = await fetch(`${BASE}/api/nothing`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 404, type: expect.stringContaining('urn:comptoir:problem:') });
  });
});
