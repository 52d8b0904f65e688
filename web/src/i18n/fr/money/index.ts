import billing from './billing';
import books from './books';
import invoices from './invoices';
import mails from './mails';
import parties from './parties';
import purchases from './purchases';

export default { ...billing, ...invoices, ...mails, ...parties, ...purchases, ...books };
