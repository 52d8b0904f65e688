import type { ReactNode } from 'react';
import css from './account.module.css';

/** The frame of the screens before one is signed in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={css.screen}>
      <div className={css.card}>
        <div className={css.mark}><img src="/icon.svg" alt="" width={30} height={30} />Comptoir</div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
