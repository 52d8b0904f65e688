import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { useEntity } from '@/app/session';
import { useOpenClaims } from '@/features/invoices/queries';
import { today } from '@/lib/day';
import { formatMoney } from '@/lib/format';
import { FormDrawer } from '@/ui/FormDrawer';
import { isNegative } from '@/lib/decimal';
import { propose, restOf, sent, type Shares } from './allocation';
import { ShareTable, typedShares } from './ShareTable';

/** Settles documents with what is left of a payment or of a credit note. */
export function UseCreditForm({ of, path, party, rest, currency, direction = 'sale', onClose }: {
  of: '/api/payments/{id}/allocations' | '/api/documents/{id}/allocations'; path: { path: { id: string } }; party: string; rest: string; currency: string; direction?: 'sale' | 'purchase'; onClose: () => void;
}) {
  const { t } = useTranslation();
  const entity = useEntity();
  const open = useOpenClaims(party, direction);
  const claims = (open ?? []).filter((claim) => claim.currency === currency && (entity === undefined || claim.entity === entity));
  const [byHand, setByHand] = useState<Shares>();
  const [on, setOn] = useState(today());
  const shares = byHand ?? typedShares(propose(rest, claims));
  const outcome = useOutcome({ done: t('payments.used'), quiet: true });
  const use = api.useMutation('post', of, {
    onSuccess: async () => {
      onClose();
      await outcome.onSuccess();
    },
  });
  return (
    <FormDrawer
      title={t('payments.use')}
      onClose={onClose}
      onSubmit={(event) => {
        event?.preventDefault();
        if (!isNegative(restOf(rest, shares) ?? '0') && sent(shares).length > 0) use.mutate({ params: path, body: { allocations: sent(shares), on } });
      }}
      saving={use.isPending}
      error={use.error}
      submitLabel={t('payments.use')}
    >
      <Text size="sm">{t('payments.left', { amount: formatMoney(rest, currency) })}</Text>
      <TextInput type="date" label={t('payments.on')} value={on} max={today()} onChange={(event) => setOn(event.currentTarget.value)} />
      {open && <ShareTable claims={claims} shares={shares} total={rest} currency={currency} restIsCredit={false} onChange={setByHand} onPropose={() => setByHand(undefined)} />}
    </FormDrawer>
  );
}
