//! Lead selling, over the whole router and a real PostgreSQL.

mod daily;
mod deliveries;
mod erasure;
mod intake;
mod reading;
mod reports;
mod routing;
mod simulate;
