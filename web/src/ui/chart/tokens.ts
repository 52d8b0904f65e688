/** The colours that a chart is drawn in, by the names of tokens.css: a canvas knows no variables. */
export type ChartTone = 'accent' | 'good' | 'warn' | 'bad' | 'violet' | 'line-strong';

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function fontOf(): { family: string; size: number } {
  return { family: getComputedStyle(document.body).fontFamily, size: 12 };
}
