//! Lead selling, over the whole router and a real PostgreSQL.

mod bulk;
mod chaos;
mod daily;
mod deliveries;
mod edge;
mod erasure;
mod exports;
mod history;
mod intake;
mod intercompany;
mod invoices;
mod ledger;
mod opened;
mod prepaid;
mod pricing;
mod reading;
mod reports;
mod routing;
mod search;
mod simulate;
mod volume;
