//! Lead selling, over the whole router and a real PostgreSQL.

mod intake;
mod routing;
