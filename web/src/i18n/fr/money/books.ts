import type en from '@/i18n/en/money/books';
import type { French } from '../french';

const fr: French<typeof en> = {
  books: {
    title: 'Comptabilité',
  },
  bank: {
    title: 'Banque',
  },
};

export default fr;
