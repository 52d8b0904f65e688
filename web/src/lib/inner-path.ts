/** Stands for this console: a path that leads away from it is none of its own. */
const HERE = 'https://console.invalid';

const CONTROL = /\p{Cc}/u;

/** A path of this console, as it was given; none when it would, however it is read or decoded, lead somewhere else (spec/desk.md D-04). */
export function innerPath(text: unknown): string | undefined {
  return typeof text === 'string' && [text, decoded(text)].every(staysHere) ? text : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.split(/[?#]/)[0] ?? '');
  } catch {
    return undefined;
  }
}

/** Begins with exactly one slash, and is still a path of ours after a browser has read it: `/.//evil` is not. */
function staysHere(path: string | undefined): boolean {
  if (path === undefined || CONTROL.test(path) || !/^\/(?![/\\])/.test(path)) return false;
  const url = URL.canParse(path, HERE) ? new URL(path, HERE) : undefined;
  return url?.origin === HERE && !/^\/[/\\]/.test(url.pathname);
}
