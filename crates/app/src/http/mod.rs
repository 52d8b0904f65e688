//! The router: every module's routes, and what surrounds each request.

pub mod console;
mod frame;
mod system;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Extension, Router};
use leads::intake::edge::Edge;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::Platform;
use platform::http::{Api, Route, render_problems};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;

/// No request takes longer: statements are stopped after 30 s, and mail is sent by jobs.
const REQUEST_LIMIT: Duration = Duration::from_secs(45);

/// Marks a request that the service makes to itself to prove its guards: it is nobody's traffic, and is not measured.
#[derive(Clone, Copy, Debug)]
pub struct Probe;

/// The service's HTTP side.
pub struct Built {
    /// The router, ready to be served.
    pub router: Router,
    /// The OpenAPI document.
    pub document: Arc<OpenApi>,
    /// Every mounted route with its guard.
    pub routes: Arc<[Route]>,
}

/// Builds the router over `platform`.
pub fn build(platform: &Platform, metrics: PrometheusHandle) -> Built {
    let edge = Arc::new(Edge::default());
    let api = Api::new(platform.clone(), system::document())
        .with(|api| system::routes(api, metrics))
        .with(platform::identity::routes)
        .with(platform::tenancy::routes)
        .with(platform::event::http::routes)
        .with(platform::job::http::routes)
        .with(platform::signal::http::routes)
        .with(platform::mail::http::routes)
        .with(platform::mail::domain::http::routes)
        .with(platform::live::http::routes)
        .with(platform::notification::http::routes)
        .with(platform::view::http::routes)
        .with(platform::webhook::http::routes)
        .with(parties::routes)
        .with(catalog::routes)
        .with(ledger::routes)
        .with(billing::routes)
        .with(|api| leads::routes(api, &edge))
        .with(watch::routes)
        .with(crate::reports::routes);
    let (api_router, document, mounted) = api.finish();
    let document = Arc::new(document);
    let described = Arc::clone(&document);
    // Written when it is first asked for: more than a megabyte that most who build this never serve.
    let json =
        Arc::new(LazyLock::new(move || serde_json::to_string(&described).expect("the OpenAPI document is plain data")));
    let mounted: Arc<[Route]> = mounted.into();
    let served = api_router
        .route("/api/openapi.json", get(async move || system::openapi(String::clone(&json))))
        .route("/api/docs", get(system::docs_root))
        .route("/api/docs/{*file}", get(system::docs))
        .fallback(console::serve)
        .layer(Extension(Arc::clone(&mounted)))
        .layer(from_fn_with_state((platform.clone(), edge), leads::intake::edge::cors))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(from_fn(render_problems))
        .layer(from_fn_with_state(platform.clone(), frame::surround));
    Built { router: served, document, routes: mounted }
}
