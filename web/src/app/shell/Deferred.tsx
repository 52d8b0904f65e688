import { type ComponentType, type LazyExoticComponent, type ReactNode, Suspense, useRef, useState } from 'react';

/** A menu that is open when it is first drawn. */
export interface DeferredMenu {
  /** Gives the keyboard back to the button; the menu cannot know of it, for it came after. */
  onClose: () => void;
}

/** A button whose menu is loaded when it is first wanted: pointed at, it is fetched; clicked, it opens. */
export function Deferred({ menu: Menu, preload, children }: { menu: LazyExoticComponent<ComponentType<DeferredMenu>>; preload: () => void; children: (open: () => void) => ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const button = children(() => setWanted(true));
  const giveBack = () => place.current?.querySelector('button')?.focus({ preventScroll: true });
  return (
    <span ref={place} onPointerEnter={preload} onFocus={preload} style={{ display: 'inline-flex' }}>
      {wanted ? <Suspense fallback={button}><Menu onClose={giveBack} /></Suspense> : button}
    </span>
  );
}
