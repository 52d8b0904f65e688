//! The rules of the books: pure functions over plain values.

pub mod aged;
pub mod balance;
pub mod derive;
pub mod letters;
pub mod rates;
pub mod vat;
pub mod year;
