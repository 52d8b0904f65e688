import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PricingView, ProductPricing, StoredPrice } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { formatDay, formatMoney, formatPercent } from '@/lib/format';
import { ConfirmButton } from '@/ui/confirm';
import { Panel, Pill } from '@/ui/layout';
import { Empty } from '@/ui/states';
import { PriceForm } from './PriceForm';

/** The price of each product, with every version there was and will be. */
export function ProductPrices({ pricing }: { pricing: PricingView }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const [edited, setEdited] = useState<{ product?: ProductPricing }>();
  const mayEdit = pricing.can.includes('edit') && oneEntity;
  const set = mayEdit && <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setEdited({})}>{t('billing.setPrice')}</Button>;
  return (
    <Panel title={t('billing.prices')} actions={set} flush>
      {pricing.products.length === 0 ? <Empty title={t('billing.noPrices')}>{t('billing.noPricesAbout')}</Empty> : (
        <table className="plain">
          <thead>
            <tr>
              <th>{t('common.product')}</th><th>{t('billing.from')}</th><th className="end">{t('billing.unitPrice')}</th><th className="end">{t('billing.discount')}</th>
              <th>{t('billing.mode')}</th><th>{t('billing.setBy')}</th><th><span className="visually-hidden">{t('common.actions')}</span></th>
            </tr>
          </thead>
          <tbody>
            {pricing.products.flatMap((product) => product.versions.map((version, index) => (
              <Version key={version.id} pricing={pricing} product={product} version={version} first={index === 0} mayEdit={mayEdit} onEdit={() => setEdited({ product })} />
            )))}
          </tbody>
        </table>
      )}
      {edited && <PriceForm pricing={pricing} {...(edited.product && { product: edited.product })} onClose={() => setEdited(undefined)} />}
    </Panel>
  );
}

interface VersionProps {
  pricing: PricingView;
  product: ProductPricing;
  version: StoredPrice;
  first: boolean;
  mayEdit: boolean;
  onEdit: () => void;
}

function Version({ pricing, product, version, first, mayEdit, onEdit }: VersionProps) {
  const { t } = useTranslation();
  const end = api.useMutation('delete', '/api/clients/{id}/pricing/product', useOutcome({ done: t('common.saved') }));
  const current = product.versions.find((one) => one.valid_from <= pricing.today);
  const isFuture = version.valid_from > pricing.today;
  const query = { product: product.product, ...(isFuture && { valid_from: version.valid_from }) };
  return (
    <tr style={version === current || isFuture ? undefined : { color: 'var(--muted)' }}>
      <td>{first ? <strong>{product.product}</strong> : ''}</td>
      <td>
        {formatDay(version.valid_from)}{' '}
        {version === current && <Pill tone={version.active ? 'good' : 'bad'}>{t(version.active ? 'billing.today' : 'billing.ended')}</Pill>}
        {isFuture && <Pill tone="info">{t('billing.toCome')}</Pill>}
      </td>
      <td className="end">{version.active ? formatMoney(version.unit_price_eur) : '–'}</td>
      <td className="end">{version.active ? formatPercent(version.discount_pct) : '–'}</td>
      <td>{t(`billing.modes.${version.billing_mode}`)}</td>
      <td>{version.created_by}</td>
      <td className="end" style={{ whiteSpace: 'nowrap' }}>
        {mayEdit && version === current && <Button variant="subtle" size="compact-xs" onClick={onEdit}>{t('common.edit')}</Button>}
        {mayEdit && ((version === current && version.active) || isFuture) && (
          <ConfirmButton danger label={t(isFuture ? 'common.delete' : 'billing.endPrice')} title={t(isFuture ? 'billing.deleteVersion' : 'billing.endPriceTitle', { product: product.product })} loading={end.isPending} onConfirm={() => end.mutate({ params: { path: { id: pricing.buyer_id }, query } })}>
            {t(isFuture ? 'billing.deleteVersionAbout' : 'billing.endPriceAbout')}
          </ConfirmButton>
        )}
      </td>
    </tr>
  );
}
