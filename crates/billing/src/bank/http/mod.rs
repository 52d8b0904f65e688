//! Routes of bank accounts, their statements and their lines.

mod accounts;
mod lines;
mod statements;

use platform::http::Api;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.with(accounts::routes).with(statements::routes).with(lines::routes)
}
