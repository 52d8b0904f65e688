//! Lead selling, over the whole router and a real PostgreSQL.

mod daily;
mod deliveries;
mod intake;
mod reading;
mod routing;
mod simulate;
