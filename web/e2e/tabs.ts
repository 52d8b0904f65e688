import type { Locator, Page } from 'playwright-core';

/** More stops than any page has. */
const MOST_STOPS = 250;

interface Walk {
  seen: Element[];
  /** Where the keyboard was, and how that looked. */
  last: Element | undefined;
  look: string;
}

declare global {
  interface Window {
    walked: Walk | undefined;
  }
}

/** Notes where the keyboard is now; says whether the place before showed that it had it, whether it went back, and whether it came round. */
function note(): { unmarked?: string | undefined; backwards?: string | undefined; round: boolean } {
  // oxlint-disable unicorn/consistent-function-scoping -- this runs in the page, which knows nothing around it
  const look = (of: Element) =>
    [of, of.parentElement, of.parentElement?.parentElement, of.parentElement?.parentElement?.parentElement, of.nextElementSibling, of.previousElementSibling]
      .map((one) => {
        if (!one) return '';
        const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, stroke, strokeWidth } = getComputedStyle(one);
        return [outlineStyle === 'none' || outlineWidth === '0px' ? '' : outlineColor, boxShadow, borderColor, stroke, strokeWidth].join();
      })
      .join(' / ');
  const name = (of: Element) => `${of.tagName.toLowerCase()} “${(of.getAttribute('aria-label') ?? of.textContent ?? '').trim().slice(0, 40)}”`;
  // oxlint-enable unicorn/consistent-function-scoping
  // Where a change of colour takes its time, what counts is how it ends.
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  window.walked ??= { seen: [], last: undefined, look: '' };
  const walk = window.walked;
  const now = document.activeElement ?? document.body;
  const { last } = walk;
  // A date has a stop for each of its parts.
  if (now === last) return { round: false };
  const unmarked = last?.isConnected && last !== now && look(last) === walk.look ? `${name(last)} does not show that it has the keyboard` : undefined;
  if (walk.seen.includes(now)) return { unmarked, round: true };
  if (now === document.body) {
    walk.last = undefined;
    return { unmarked, round: false };
  }
  const backwards = last?.isConnected && (last.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_PRECEDING) !== 0 ? `${name(now)} stands before ${name(last)}` : undefined;
  walk.seen.push(now);
  walk.last = now;
  walk.look = look(now);
  return { unmarked, backwards, round: false };
}

/** What can be pressed or filled in within `root` and was not reached; of what the arrows walk through, one place is enough. */
function missed(root: Element): string[] {
  const seen = window.walked?.seen ?? [];
  const groups = ['[role=tablist]', '[role=radiogroup]', '[role=grid] [role=rowgroup]', 'svg[role=group]', 'table', '[class*=Rating-root]'];
  const walkable = '[role=tab], input[type=radio], [role=row], path, [class*=Calendar-day], [role=row] a, [role=row] input';
  const all = [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=row][data-index], [tabindex="0"]')];
  const unreached = all.filter((one) => !seen.includes(one) && one.checkVisibility({ visibilityProperty: true }) && !one.matches(':disabled, fieldset:disabled *, [aria-hidden=true], [aria-hidden=true] *'));
  return unreached
    // The cross that empties a field and the arrows of a number: its own keys do the same.
    .filter((one) => !one.matches('[class*=InputClearButton], [class*=NumberInput-control], [data-combobox-clear]'))
    .filter((one) => {
      const group = one.matches(walkable) ? one.closest(groups.join()) : null;
      return !group || !seen.some((other) => group.contains(other));
    })
    .map((one) => `${one.outerHTML.slice(0, 160)} is not reached`);
}

/** Walks with Tab through a page, or through the dialog open on it, until it comes round; gives what is wrong on the way. */
export async function walkThrough(page: Page, root: Locator = page.locator('body')): Promise<string[]> {
  const faults: string[] = [];
  // One may begin in the midst, and turns at the end.
  let mayTurn = true;
  await page.evaluate(() => {
    window.walked = undefined;
  });
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    const { unmarked, backwards, round } = await page.evaluate(note);
    if (unmarked !== undefined) faults.push(unmarked);
    if (backwards !== undefined && mayTurn) mayTurn = false;
    else if (backwards !== undefined) faults.push(backwards);
    if (round) return [...faults, ...(await root.evaluate(missed))].map((text) => `${page.url()}: ${text}`);
  }
  return [`${page.url()}: the keyboard never comes round`];
}

export function holdsKeyboard(target: Locator): Promise<boolean> {
  return target.evaluate((one) => one === document.activeElement);
}

/** Presses Tab until `target` has the keyboard. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    if (await holdsKeyboard(target)) return;
  }
  throw new Error(`${String(target)} cannot be reached at ${page.url()}.`);
}
