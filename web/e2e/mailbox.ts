import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Letter {
  to: string;
  subject: string;
  /** Every part that is text, decoded; the attached files by their names. */
  text: string;
  files: Record<string, string>;
}

/** The mails to `address` in the folder that takes what has no server, oldest first. */
export function lettersTo(dataDir: string, address: string): Letter[] {
  const folder = join(dataDir, 'mail');
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml')).toSorted();
  return files.map((name) => read(readFileSync(join(folder, name), 'utf8'))).filter(({ to }) => to.includes(address));
}

export function read(source: string): Letter {
  const { headers, body } = split(source);
  const letter: Letter = { to: headers.to ?? '', subject: headers.subject ?? '', text: '', files: {} };
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1];
  const parts = boundary === undefined ? [source] : body.split(`--${boundary}`).slice(1, -1);
  for (const part of parts) {
    const inner = split(part.replace(/^\r?\n/, ''));
    const text = decode(inner.body, inner.headers['content-transfer-encoding'] ?? '7bit');
    const name = /filename(?:\*0)?="([^"]+)"/.exec(inner.headers['content-disposition'] ?? '')?.[1];
    if (name === undefined) letter.text += text;
    else letter.files[name] = text;
  }
  return letter;
}

function split(source: string): { headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = source.split(/\r?\n\r?\n/);
  const lines = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = Object.fromEntries(lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]));
  return { headers, body: rest.join('\n\n') };
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
