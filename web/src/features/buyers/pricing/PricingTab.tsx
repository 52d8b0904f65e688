import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { BuyerView } from '@/api/schema';
import { Split, Stack } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import { Credits } from './Credits';
import { GeneralDiscount } from './GeneralDiscount';
import { Prepaid } from './Prepaid';
import { ProductPrices } from './ProductPrices';

/** What a buyer pays: prices of today and of any other day, credits, and what was paid in advance. */
export function PricingTab({ buyer }: { buyer: BuyerView }) {
  const { t } = useTranslation();
  const pricing = api.useQuery('get', '/api/clients/{id}/pricing', { params: { path: { id: buyer.id } } });
  return (
    <Loaded query={pricing} height={320}>
      {(data) => (
        <Split>
          <Stack>
            <ProductPrices pricing={data} />
            <Credits buyer={buyer} />
          </Stack>
          <Stack>
            <GeneralDiscount pricing={data} />
            <Prepaid buyer={buyer} />
            <p className="muted">{t('billing.pricingAbout')}</p>
            <Link to="/parties/$partyId" params={{ partyId: buyer.id }} search={{ tab: 'statement' }}>{t('billing.statement')}</Link>
          </Stack>
        </Split>
      )}
    </Loaded>
  );
}
