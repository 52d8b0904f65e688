import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMay, useWho } from '../session';
import { AlertCount } from './AlertCount';
import { NAVIGATION } from './navigation';
import css from './shell.module.css';

/** The menu: only the pages one may open. */
export function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { tenant } = useWho();
  return (
    <>
      <div className="brand">
        <img src="/icon.svg" alt="" width={26} height={26} />
        <span>
          Comptoir
          <span className={css.tenant}>{tenant.name}</span>
        </span>
      </div>
      <nav className={css.nav} aria-label={t('shell.menu')}>
        {NAVIGATION.map(({ key, pages }) => {
          const open = pages.filter((page) => may(page.permission));
          return open.length > 0 && (
            <div key={key}>
              <div className={css.group}>{t(`nav.group.${key}`)}</div>
              {open.map((page) => (
                <Link key={page.key} to={page.to} className={css.link} activeOptions={{ exact: page.to === '/', includeSearch: false }} onClick={onNavigate}>
                  <page.icon size={17} stroke={1.7} />
                  {t(`nav.${page.key}`)}
                  {page.key === 'alerts' && <AlertCount />}
                </Link>
              ))}
            </div>
          );
        })}
      </nav>
    </>
  );
}
