import type en from '@/i18n/en/money/invoices';
import type { French } from '../french';

const fr: French<typeof en> = {
  invoices: {
    title: 'Factures',
  },
  payments: {
    title: 'Règlements',
  },
  parties: {
    title: 'Tiers',
  },
  products: {
    title: 'Catalogue',
  },
};

export default fr;
