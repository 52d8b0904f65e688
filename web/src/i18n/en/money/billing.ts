/** Weeks and months of billing, prices, prepaid units, settlement between entities. */
export default {
  billing: {
    title: 'Billing',
  },
  intercompany: {
    title: 'Intercompany',
  },
};
