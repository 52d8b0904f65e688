import { broken, goTo, type Page } from './support.ts';

/** How long a walk over many pages may take, on a busy machine. */
export const LONG_MS = 150_000;

/** The rules of accessibility that the pages break, each with its page. */
export async function walk(page: Page, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    await goTo(page, path);
    found.push(...(await broken(page, path)));
  }
  return found;
}

/** The id of the first thing that a list answered. */
export function first(answer: { data?: { items: { id?: string | null }[] } }): string {
  return answer.data?.items[0]?.id ?? '';
}
