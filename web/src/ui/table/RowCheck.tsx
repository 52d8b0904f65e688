import css from './table.module.css';

/** The browser's own box in our colours: a list has many of them. */
export function RowCheck({ label, checked, some = false, inLine = false, onChange }: { label: string; checked: boolean; some?: boolean; inLine?: boolean; onChange: () => void }) {
  return (
    <input
      ref={(box) => {
        if (box) box.indeterminate = some;
      }}
      type="checkbox"
      className={css.check}
      aria-label={label}
      checked={checked}
      tabIndex={inLine ? -1 : undefined}
      onChange={onChange}
    />
  );
}
