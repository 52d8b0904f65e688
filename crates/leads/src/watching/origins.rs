//! From where browsers may post.

use platform::check::{Evidence, Outcome};
use platform::{Result, Tx};
use url::Url;

use crate::settings::model::FormsConfig;

/// Looks at the origins that every form allows.
pub(super) async fn examine(tx: &mut Tx) -> Result<Outcome> {
    let forms = tx.setting::<FormsConfig>().await?.forms;
    let origins = forms.iter().flat_map(|(code, form)| form.allowed_origins.iter().map(move |origin| (code, origin)));
    let open = origins.clone().filter(|(_, origin)| !is_closed(origin));
    let evidence = open.map(|(code, origin)| Evidence::text(format!("{code} allows {origin}"))).collect();
    Ok(Outcome::of(origins.count(), evidence))
}

/// One host, reached over HTTPS and nothing more; a page on this machine may do without.
fn is_closed(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (url.scheme() == "https" || (url.scheme() == "http" && is_local))
        && url.origin().ascii_serialization() == origin
        && !origin.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_host_over_https() {
        for (origin, is_safe) in [
            ("https://www.example.org", true),
            ("https://www.example.org:8443", true),
            ("http://localhost:5173", true),
            ("http://127.0.0.1:8080", true),
            ("http://www.example.org", false),
            ("https://www.example.org/form", false),
            ("https://*.example.org", false),
            ("*", false),
            ("null", false),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(is_closed(origin), is_safe, "{origin}");
        }
    }
}
