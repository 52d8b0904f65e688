//! Every statement on bank accounts, statements, their lines and what these are matched with.

pub mod accounts;
pub mod candidates;
pub mod lines;
pub mod matches;
pub mod statements;
