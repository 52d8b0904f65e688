import { useEffect } from 'react';

/** While the page is put on paper, whatever the colours on screen: those of the day. */
export function useForPaper(): void {
  useEffect(() => {
    const root = document.documentElement;
    let scheme: string | undefined;
    const before = () => {
      scheme = root.dataset.mantineColorScheme;
      root.dataset.mantineColorScheme = 'light';
    };
    const after = () => {
      if (scheme !== undefined) root.dataset.mantineColorScheme = scheme;
    };
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
}
