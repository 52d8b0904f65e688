import billing from './billing';
import books from './books';
import einvoice from './einvoice';
import invoices from './invoices';
import mails from './mails';
import parties from './parties';
import purchases from './purchases';

export default { ...billing, ...einvoice, ...invoices, ...mails, ...parties, ...purchases, ...books };
