//! Every route behind its guard: read from the router, and tried on it.

use std::net::{Ipv6Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, Request, StatusCode};
use platform::check::CheckSeverity::Critical;
use platform::check::{Check, Evidence, Outcome, Section};
use platform::http::{Access, FailurePolicy, Route};
use platform::{Ctx, Error, Registry, Result};
use tower::ServiceExt as _;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use crate::{http, telemetry};

/// The routes that anyone may use, each with the reason.
pub const PUBLIC: &[(&str, &str)] = &[
    ("GET /healthz", "whoever balances load asks whether the service is up"),
    ("GET /readyz", "whoever balances load asks whether it can work"),
    ("GET /api/system/version", "a screen that is open sees that a new version came"),
    ("POST /api/auth/login", "who signs in is not signed in"),
    ("POST /api/auth/forgot-password", "who forgot his password is not signed in"),
    ("POST /api/auth/reset-password", "the link from the mail is the proof"),
    ("POST /api/public/leads", "visitors of landing pages; providers prove themselves by their key"),
    ("POST /api/public/track/session", "visitors of landing pages"),
    ("POST /api/public/track/lp-visit", "visitors of landing pages"),
    ("POST /api/public/track/event", "visitors of landing pages"),
    ("GET /public/comptoir.js", "the script of landing pages"),
    ("GET /demo/form", "a landing page to try, where the demo is loaded"),
    ("GET /demo/form.css", "its style"),
];

/// What every answer must carry (OWASP ASVS 5.0 V3.4, D-46).
const HEADERS: &[HeaderName] =
    &[CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, REFERRER_POLICY];

pub(super) fn register(registry: &mut Registry) {
    let check = |id, proves| Check::called(id, Section::Endpoints, Critical, proves);
    let report = "This is a fault of this version: go back to the one before, and report it.";
    registry.check(
        check("endpoints.public", "Only the routes that are meant for anyone are open to anyone.")
            .how("the guard of every mounted route against the list of public ones")
            .mend(report)
            .probes(|ctx| async move { Ok(public(&built(&ctx).routes)) }),
    );
    registry.check(
        check("endpoints.anonymous", "Who is not signed in gets past no guard.")
            .how("a request without a session to every route that is not public, through the whole router: each is answered 401, or \
                404 where it is closed altogether")
            .mend(report)
            .probes(|ctx| async move {
                let built = built(&ctx);
                anonymous(&built.router, &built.routes).await
            }),
    );
    registry.check(
        check("endpoints.headers", "Every answer carries the headers that keep a browser safe.")
            .how("the answers to a page, an API route, one that is refused and one that does not exist, for content policy, transport \
                security, sniffing, framing and referrer")
            .mend("If a proxy stands in front, it must not take them away; otherwise this is a fault of this version.")
            .probes(|ctx| async move { headers(&built(&ctx).router).await }),
    );
    registry.check(
        check("endpoints.failing_open", "Only what reads may answer with less than everything when something fails.")
            .how("the failure policy of every mounted route: what is not a GET fails closed")
            .mend(report)
            .probes(|ctx| async move { Ok(failing_open(&built(&ctx).routes)) }),
    );
}

fn built(ctx: &Ctx) -> http::Built {
    http::build(ctx.platform(), telemetry::no_metrics())
}

/// Those that are open and not on the list, and those that are on the list and are not there.
pub fn public(routes: &[Route]) -> Outcome {
    let name = |route: &Route| format!("{} {}", route.method, route.path);
    let open: Vec<_> = routes.iter().filter(|route| route.guard.access == Access::Public).map(name).collect();
    let unmeant = open.iter().filter(|name| PUBLIC.iter().all(|(known, _)| known != name));
    let gone = PUBLIC.iter().filter(|(known, _)| open.iter().all(|name| name != known));
    let texts = unmeant
        .map(|name| format!("{name} is open to anyone"))
        .chain(gone.map(|(name, _)| format!("{name} is meant to be open to anyone, and is not")));
    Outcome::of_texts(routes.len(), texts)
}

/// Every route that is not public, asked by nobody.
pub async fn anonymous(service: &Router, routes: &[Route]) -> Result<Outcome> {
    let guarded: Vec<_> = routes.iter().filter(|route| route.guard.access != Access::Public).collect();
    let mut evidence = Vec::new();
    for route in &guarded {
        let status = status(service, route.method, &filled(&route.path)).await?.0;
        let expected = match route.guard.access {
            Access::MetricsToken => [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED],
            Access::Public | Access::SignedIn | Access::Permission(_) => [StatusCode::UNAUTHORIZED; 2],
        };
        if !expected.contains(&status) {
            evidence.push(Evidence::text(format!("{} {} answers {status} to nobody", route.method, route.path)));
        }
    }
    Ok(Outcome::of(guarded.len(), evidence))
}

/// Answers of several kinds, each with every header.
pub async fn headers(router: &Router) -> Result<Outcome> {
    const ASKED: &[&str] = &["/", "/api/system/version", "/api/auth/me", "/api/there-is-no-such-route"];
    let mut evidence = Vec::new();
    for path in ASKED {
        let (_, carried) = status(router, "GET", path).await?;
        let missing = HEADERS.iter().filter(|header| !carried.contains(header));
        evidence.extend(missing.map(|header| Evidence::text(format!("{path}: without {header}"))));
    }
    Ok(Outcome::of(ASKED.len() * HEADERS.len(), evidence))
}

/// What does something fails closed.
pub fn failing_open(routes: &[Route]) -> Outcome {
    let open = routes.iter().filter(|route| route.guard.failure == FailurePolicy::Open && route.method != "GET");
    Outcome::of_texts(routes.len(), open.map(|route| format!("{} {} fails open", route.method, route.path)))
}

/// A path whose parameters are filled with something that leads nowhere.
fn filled(path: &str) -> String {
    let part = |part: &str| {
        if part.starts_with('{') { "00000000-0000-7000-8000-000000000000".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// An address that nobody has (RFC 3849), another each time: an audit uses up nobody's rate, and is refused for no other audit's.
fn nowhere() -> Ipv6Addr {
    Ipv6Addr::from([0x2001, 0x0db8, rand::random(), rand::random(), 0, 0, 0, 1])
}

async fn status(router: &Router, method: &str, path: &str) -> Result<(StatusCode, Vec<HeaderName>)> {
    let peer = SocketAddr::from((nowhere(), 0));
    let request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer)).extension(http::Probe);
    let request = request.body(Body::empty());
    let request = request.map_err(|error| Error::internal("making a request", error))?;
    // Refusals that are asked for are no news to anybody.
    let response = match router.clone().oneshot(request).with_subscriber(NoSubscriber::default()).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    Ok((response.status(), response.headers().keys().cloned().collect()))
}
