import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/lib/format';
import css from './orders.module.css';

/** How much of a week's quota is used: calm below three quarters, then warning, then full. */
export function QuotaBar({ used, quota }: { used: number; quota: number }) {
  const { t } = useTranslation();
  if (quota === 0) return <span className="num">{formatNumber(used)} · <span className="muted">{t('common.unlimited')}</span></span>;
  const share = Math.min(1, used / quota);
  const tone = share >= 1 ? 'bad' : share >= 0.75 ? 'warn' : 'good';
  return (
    <span className={css.quota} title={t('orders.usedOf', { used, quota })}>
      <span className={css.bar} data-tone={tone}><span style={{ width: `${100 * share}%` }} /></span>
      <span className="num">{formatNumber(used)}/{formatNumber(quota)}</span>
    </span>
  );
}
