import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BillingWeek } from '@/api/schema';
import { formatInstant, formatMoney, formatNumber } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { Figure, Figures, Panel, Pill, Stack, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { WeekPicker } from '@/ui/WeekPicker';
import { Interfacturation } from './Interfacturation';
import { PrepaidTable } from './PrepaidTable';
import { type BillingSearch, useBillingWeek } from './queries';
import { WeekActions } from './WeekActions';
import { WeekTable } from './WeekTable';

/** A week of billing, as it is stored or, before its ledger is built, as it would be. */
export function WeekView({ search }: { search: BillingSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<BillingSearch>();
  const week = useBillingWeek(search.week);
  const current = useBillingWeek(undefined).data?.week;
  return (
    <Stack>
      <Toolbar label={t('leads.filters')}>
        <WeekPicker week={search.week} current={current} onChange={(chosen) => patch({ week: chosen })} />
        {week.data && <BuiltPill week={week.data} />}
        <span style={{ flex: 1 }} />
        {week.data && <WeekActions week={week.data} />}
      </Toolbar>
      <Loaded query={week} height={420}>{(data) => <Sheet week={data} />}</Loaded>
    </Stack>
  );
}

function BuiltPill({ week }: { week: BillingWeek }) {
  const { t } = useTranslation();
  const last = week.built.at(-1);
  const built = last && t('billing.builtAt', { at: formatInstant(last.built_at), by: last.built_by });
  return <Pill tone={week.is_preview ? 'warn' : 'good'} {...(built && { title: built })}>{t(week.is_preview ? 'billing.preview' : 'billing.built')}</Pill>;
}

function Sheet({ week }: { week: BillingWeek }) {
  const { t } = useTranslation();
  const { kpis } = week;
  const deliveries = (outcome?: 'accepted') => ({ to: '/deliveries' as const, search: { week: week.week, status: 'sent' as const, ...(outcome && { outcome }) } });
  const records = { to: '/billing' as const, search: { tab: 'records', week: week.week } };
  return (
    <>
      <Figures money>
        <Figure label={t('billing.units')} value={formatNumber(kpis.units)} to={deliveries()} />
        <Figure label={t('billing.billable')} value={formatNumber(kpis.billable)} to={deliveries('accepted')} />
        <Figure label={t('billing.free')} value={formatNumber(kpis.free)} />
        <Figure label={t('billing.invoiced')} value={formatNumber(kpis.invoiced)} {...(!week.is_preview && { to: records })} />
        <Figure label={t('billing.beforeDiscount')} value={formatMoney(kpis.before_discount)} />
        <Figure label={t('billing.net')} value={formatMoney(kpis.net)} {...(!week.is_preview && { to: records })} />
        <Figure label={t('billing.vat')} value={formatMoney(kpis.vat)} />
        <Figure label={t('billing.gross')} value={formatMoney(kpis.gross)} />
      </Figures>
      {kpis.missing_prices > 0 && <Notice tone="bad">{t('billing.missingPrices', { count: kpis.missing_prices })}</Notice>}
      {week.returned_since_built > 0 && (
        <Notice tone="warn">
          {t('billing.returned', { count: week.returned_since_built })}{' '}
          <Link to="/billing" search={{ tab: 'credits', week: week.week }}>{t('billing.tabs.credits')}</Link>
        </Notice>
      )}
      <Panel title={t('billing.weekly')} flush>
        {week.weekly.length === 0 ? <Empty title={t('billing.nothing')}>{t('billing.nothingAbout')}</Empty> : <WeekTable rows={week.weekly} />}
      </Panel>
      {(week.prepaid.length > 0 || week.prepaid_balances.length > 0) && (
        <Panel title={t('billing.prepaid')} flush><PrepaidTable rows={week.prepaid} balances={week.prepaid_balances} /></Panel>
      )}
      {week.interfacturation && week.interfacturation.length > 0 && (
        <Panel title={t('billing.interfacturation')} flush><Interfacturation week={week.week} rows={week.interfacturation} /></Panel>
      )}
    </>
  );
}

function Notice({ tone, children }: { tone: 'bad' | 'warn'; children: React.ReactNode }) {
  return <div role="status" style={{ display: 'flex', gap: '0.5rem', alignItems: 'center' }}><Pill tone={tone}>!</Pill><span>{children}</span></div>;
}
