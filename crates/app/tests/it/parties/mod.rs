//! Customers, suppliers and what is sold to them.

mod addresses;
mod customers;
mod products;
mod vat;
