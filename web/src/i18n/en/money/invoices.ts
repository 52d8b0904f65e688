/** Documents, payments, customers, suppliers, the catalogue. */
export default {
  invoices: {
    title: 'Invoices',
  },
  payments: {
    title: 'Payments',
  },
  parties: {
    title: 'Customers and suppliers',
  },
  products: {
    title: 'Catalogue',
  },
};
