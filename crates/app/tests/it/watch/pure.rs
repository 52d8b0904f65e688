//! Checks of what cannot be broken in a database: the router, the configuration, the machine.

use std::sync::Arc;

use app::watching::endpoints;
use axum::Router;
use axum::routing::post;
use kernel::{Clock as _, ManualClock};
use platform::check::Outcome;
use platform::http::FailurePolicy;
use platform::{Actor, Options, Platform};

use crate::support::{TestApp, instant, service_pool};

/// The checks that are proven here, beside their source, or by what they are made of.
pub(super) const PROVEN: &[&str] = &[
    "endpoints.public",
    "endpoints.anonymous",
    "endpoints.headers",
    "endpoints.failing_open",
    "security.https",
    "security.trusted_proxies",
    "security.metrics_token",
    "security.database_connection",
    "schema.sequential_scans",
    "schema.unused_indexes",
    "schema.old_transactions",
    "capacity.connections",
    "capacity.transaction_ids",
    "capacity.disk",
];

fn texts(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Found { evidence, .. } => evidence.iter().map(|evidence| evidence.text.clone()).collect(),
        Outcome::Clean { .. } | Outcome::NotApplicable(_) => Vec::new(),
    }
}

#[tokio::test]
async fn a_route_that_is_open_by_mistake_is_found() {
    let app = TestApp::new().await;
    assert_eq!(texts(&endpoints::public(&app.routes)), Vec::<String>::new());
    let mut routes = app.routes.clone();
    let leaky = routes.iter_mut().find(|route| route.path == "/api/leads" && route.method == "GET").unwrap();
    leaky.guard = platform::http::Guard::public();
    assert_eq!(texts(&endpoints::public(&routes)), ["GET /api/leads is open to anyone"]);
    routes.retain(|route| route.path != "/api/leads" && route.path != "/healthz");
    assert_eq!(texts(&endpoints::public(&routes)), ["GET /healthz is meant to be open to anyone, and is not"]);
}

#[tokio::test]
async fn a_route_that_answers_nobody_is_found() {
    let app = TestApp::new().await;
    let sound = endpoints::anonymous(&app.router, &app.routes).await.unwrap();
    assert_eq!(texts(&sound), Vec::<String>::new());
    let mut routes = app.routes.clone();
    let mut forgotten = routes[0].clone();
    forgotten.method = "POST";
    forgotten.path = "/api/forgotten/{id}".to_owned();
    forgotten.guard = platform::http::Guard::signed_in();
    routes.push(forgotten);
    let leaky = Router::new().route("/api/forgotten/{id}", post(async || "done")).fallback_service(app.router.clone());
    let found = endpoints::anonymous(&leaky, &routes).await.unwrap();
    assert_eq!(texts(&found), ["POST /api/forgotten/{id} answers 200 OK to nobody"]);
}

/// Audits of several tenants at night ask more than anybody may in a minute.
#[tokio::test]
async fn audits_at_once_are_not_refused_for_each_other_and_use_up_nobodys_rate() {
    let app = TestApp::with(Options::default()).await;
    for _ in 0..3 {
        let sound = endpoints::anonymous(&app.router, &app.routes).await.unwrap();
        assert_eq!(texts(&sound), Vec::<String>::new());
    }
    assert_eq!(app.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn an_answer_without_its_headers_is_found() {
    let app = TestApp::new().await;
    assert_eq!(texts(&endpoints::headers(&app.router).await.unwrap()), Vec::<String>::new());
    let bare = Router::new().route("/", axum::routing::get(async || "hello")).fallback_service(app.router.clone());
    let found = texts(&endpoints::headers(&bare).await.unwrap());
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.contains(&"/: without content-security-policy".to_owned()), "{found:?}");
}

#[tokio::test]
async fn a_route_that_does_something_and_fails_open_is_found() {
    let mut routes = TestApp::new().await.routes;
    assert_eq!(texts(&endpoints::failing_open(&routes)), Vec::<String>::new());
    let route = routes.iter_mut().find(|route| route.path == "/api/public/leads").unwrap();
    route.guard.failure = FailurePolicy::Open;
    assert_eq!(texts(&endpoints::failing_open(&routes)), ["POST /api/public/leads fails open"]);
}

/// What the checks say of an installation with these options.
async fn found_with(options: Options, id: &str) -> Vec<String> {
    let app = TestApp::new().await;
    let clock = Arc::new(ManualClock::new(instant("2026-02-11T09:00:00Z").max(app.clock.now())));
    let platform = Platform::new(service_pool().await, clock, app::wiring::registry(), options);
    let ctx = platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let check = platform.registry().checks().iter().find(|check| check.id == id).unwrap().clone();
    texts(&check.run(ctx).await.unwrap())
}

#[tokio::test]
async fn what_the_operator_decided_unwisely_is_found() {
    for (url, is_found) in [
        ("https://comptoir.example", false),
        ("http://127.0.0.1:8080", false),
        ("http://[::1]:8080", false),
        ("http://localhost:8080", false),
        ("http://comptoir.example", true),
        ("http://192.168.1.4:8080", true),
        ("http://127.0.0.1.comptoir.example", true),
    ] {
        let options = Options { public_url: url.to_owned(), ..Options::default() };
        assert_eq!(found_with(options, "security.https").await.len(), usize::from(is_found), "{url}");
    }
    let trusting = |net: &str| Options { trusted_proxies: vec![net.parse().unwrap()], ..Options::default() };
    assert_eq!(found_with(trusting("10.0.0.0/8"), "security.trusted_proxies").await, Vec::<String>::new());
    assert_eq!(found_with(trusting("0.0.0.0/0"), "security.trusted_proxies").await, ["0.0.0.0/0 is trusted"]);
    let token = |token: &str| Options { metrics_token: Some(token.to_owned()), ..Options::default() };
    assert_eq!(found_with(token("abcdefghijklmnopqrstuvwx"), "security.metrics_token").await, Vec::<String>::new());
    assert_eq!(found_with(token("short"), "security.metrics_token").await.len(), 1);
}
