//! Routes.
use platform::http::Api;
/// The routes of this module.
pub fn routes(api: Api) -> Api { api }
