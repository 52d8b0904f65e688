import { type ComponentType, type LazyExoticComponent, type ReactNode, Suspense, useState } from 'react';

/** A button whose menu is loaded when it is first wanted: pointed at, it is fetched; clicked, it opens. */
export function Deferred({ menu: Menu, preload, children }: { menu: LazyExoticComponent<ComponentType>; preload: () => void; children: (open: () => void) => ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const button = <span onPointerEnter={preload} onFocus={preload} style={{ display: 'inline-flex' }}>{children(() => setWanted(true))}</span>;
  return wanted ? <Suspense fallback={button}><Menu /></Suspense> : button;
}
