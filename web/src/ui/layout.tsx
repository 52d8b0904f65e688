import { type ReactNode, useDeferredValue } from 'react';
import { Link, type LinkProps } from '@tanstack/react-router';
import css from './layout.module.css';

/**
 * A page's frame: its title, what it is for, what one can do here, and its content. The frame is painted first; what is within is
 * drawn in slices after it, between which the browser answers to whoever clicks.
 */
export function Page({ title, about, actions, narrow, fill, children }: {
  title: ReactNode; about?: ReactNode; actions?: ReactNode; narrow?: boolean; fill?: boolean; children: ReactNode;
}) {
  const drawn = useDeferredValue(true, false);
  return (
    <div className={[css.page, narrow && css.narrow, fill && css.fill].filter(Boolean).join(' ')}>
      <header className={css.header}>
        <div className={css.titles}>
          <h1>{title}</h1>
          {about !== undefined && <div className={css.about}>{about}</div>}
        </div>
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      {drawn && children}
    </div>
  );
}

/** A bordered surface with a heading. `flush` for tables and maps, which bring their own edges. */
export function Panel({ title, actions, flush, children }: { title?: ReactNode; actions?: ReactNode; flush?: boolean; children: ReactNode }) {
  return (
    <section className={css.panel}>
      {title !== undefined && (
        <div className={css.panelHead}>
          <h2>{title}</h2>
          {actions}
        </div>
      )}
      <div className={flush ? css.flush : css.panelBody}>{children}</div>
    </section>
  );
}

export function Toolbar({ children, label }: { children: ReactNode; label: string }) {
  return <div className={css.toolbar} role="toolbar" aria-label={label}>{children}</div>;
}

export const Grid = ({ children }: { children: ReactNode }) => <div className={css.grid}>{children}</div>;
export const Split = ({ children }: { children: ReactNode }) => <div className={css.split}>{children}</div>;
export const Stack = ({ children }: { children: ReactNode }) => <div className={css.stack}>{children}</div>;

/** What is known of a thing, as term and description; empty ones are left out. */
export function Facts({ facts }: { facts: readonly (readonly [label: string, value: ReactNode])[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <dl className={css.facts}>
      {known.map(([label, value]) => (
        <div key={label} style={{ display: 'contents' }}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Figures side by side; amounts of `money` need more room than counts. */
export const Figures = ({ money, children }: { money?: boolean; children: ReactNode }) => <div className={money ? `${css.figures} ${css.money}` : css.figures}>{children}</div>;

/** A figure that opens the rows behind it, where there are rows. */
export function Figure({ label, value, note, to }: { label: string; value: ReactNode; note?: ReactNode; to?: LinkProps }) {
  const inside = (
    <>
      <span className={css.figureLabel}>{label}</span>
      <span className={css.figureValue}>{value}</span>
      {note !== undefined && <span className={css.figureNote}>{note}</span>}
    </>
  );
  return to ? <Link {...to} className={css.figure}>{inside}</Link> : <div className={css.figure}>{inside}</div>;
}

export type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'info' | 'violet';

export function Pill({ tone = 'neutral', children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return <span className={css.pill} data-tone={tone} title={title}>{children}</span>;
}
