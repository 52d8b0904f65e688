/** The ledger and the bank. */
export default {
  books: {
    title: 'Ledger',
  },
  bank: {
    title: 'Bank',
  },
};
