import billing from './billing';
import books from './books';
import invoices from './invoices';
import purchases from './purchases';

export default { ...billing, ...invoices, ...purchases, ...books };
