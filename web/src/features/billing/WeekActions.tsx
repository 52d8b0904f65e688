import { IconFileInvoice, IconHammer } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BillingWeek } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useEntity, useMay } from '@/app/session';
import { formatWeek } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { notify } from '@/ui/notify';

/** Builds the ledger of a week, and issues its invoices. */
export function WeekActions({ week }: { week: BillingWeek }) {
  const { t } = useTranslation();
  const may = useMay();
  const entity = useEntity();
  const outcome = useOutcome();
  const build = api.useMutation('post', '/api/billing/week/{week}/build-ledger', useOutcome({ done: t('billing.builtDone') }));
  const invoice = api.useMutation('post', '/api/billing/week/{week}/invoices', {
    ...outcome,
    onSuccess: async ({ issued, refused }) => {
      await outcome.onSuccess();
      if (issued.length > 0 || refused.length === 0) await notify({ message: t('billing.issuedDone', { count: issued.length }), color: 'teal' });
      const names = new Map(week.weekly.map((row) => [row.buyer_id, row.buyer_name]));
      await Promise.all(refused.map(({ buyer_id, code, message }) => notify({ title: names.get(buyer_id) ?? '', message: t(`problem.code.${code}`, { defaultValue: message }), color: 'red', autoClose: false })));
    },
  });
  if (!may('billing.manage')) return null;
  const path = { params: { path: { week: week.week } } };
  const open = week.weekly.filter((row) => row.status === 'not_invoiced' && !row.pricing_missing && row.units_invoiced > 0);
  const buyers = new Set(open.map((row) => row.buyer_id)).size;
  return (
    <>
      {week.can.includes('build') && (
        <ConfirmButton icon={<IconHammer size={14} />} label={t(week.built.length > 0 ? 'billing.rebuild' : 'billing.build')} title={t('billing.buildTitle', formatWeek(week.week))} disabled={!entity} loading={build.isPending} onConfirm={() => build.mutate(path)}>
          {t(entity ? 'billing.buildAbout' : 'common.oneEntity')}
        </ConfirmButton>
      )}
      {!week.is_preview && buyers > 0 && (
        <ConfirmButton icon={<IconFileInvoice size={14} />} label={t('billing.invoiceWeek')} act={t('billing.issue')} title={t('billing.invoiceTitle', { count: buyers })} disabled={!entity} loading={invoice.isPending} onConfirm={() => entity && invoice.mutate({ ...path, body: { entity } })}>
          {t('billing.invoiceAbout')}
        </ConfirmButton>
      )}
    </>
  );
}
