/** The rules of e-invoices that a document breaks, by their code. English is the service's own words. */
export default {
  einvoice: {
    rule: {} as Record<string, string>,
  },
};
