import type { ReactNode } from 'react';
import css from './layout.module.css';

/** The fields of a form, switched off together where one may not change them. */
export function Fields({ disabled = false, legend, wide = false, children }: { disabled?: boolean; legend?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <fieldset disabled={disabled} className={wide ? `${css.fields} ${css.fieldsWide}` : css.fields}>
      {legend !== undefined && <legend className={css.legend}>{legend}</legend>}
      {children}
    </fieldset>
  );
}
