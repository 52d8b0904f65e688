import type en from '@/i18n/en/money/bank';
import type { French } from '../french';

const fr: French<typeof en> = {
  title: 'Banque',
};

export default fr;
