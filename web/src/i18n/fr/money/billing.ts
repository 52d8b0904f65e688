import type en from '@/i18n/en/money/billing';
import type { French } from '../french';

const fr: French<typeof en> = {
  billing: {
    title: 'Facturation',
  },
  intercompany: {
    title: 'Intersociétés',
  },
};

export default fr;
