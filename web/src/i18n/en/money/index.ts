import billing from './billing';
import books from './books';
import invoices from './invoices';

export default { ...billing, ...invoices, ...books };
