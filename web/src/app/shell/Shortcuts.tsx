import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useMay } from '../session';
import { NAVIGATION } from './navigation';

const KeyList = lazy(async () => ({ default: (await import('./KeyList')).KeyList }));

/** How long the second key may take after G. */
const CHORD_MS = 1200;

/** G and a letter goes to a page; ? lists all keys. */
export function Shortcuts() {
  const navigate = useNavigate();
  const may = useMay();
  const [help, setHelp] = useState(false);
  const chord = useRef(0);
  const pages = NAVIGATION.flatMap((group) => group.pages).filter((page) => may(page.permission));

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input, textarea, select, [contenteditable], [role="dialog"]')) return;
      const page = pages.find((one) => one.shortcut === event.key);
      if (event.key === '?') setHelp(true);
      else if (event.key === 'g') chord.current = event.timeStamp;
      else if (page && event.timeStamp - chord.current < CHORD_MS && chord.current > 0) {
        chord.current = 0;
        event.preventDefault();
        void navigate({ to: page.to });
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  return <Suspense>{help && <KeyList pages={pages} onClose={() => setHelp(false)} />}</Suspense>;
}
