//! The service about itself: health, version, metrics, the API's description.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use metrics_exporter_prometheus::PrometheusHandle;
use platform::http::{Api, FailurePolicy, Guard, Json, Problem};
use platform::{Error, Platform, Result};
use serde::Serialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::UtoipaMethodRouterExt as _;
use utoipa_axum::routes;

/// The routes of this module.
pub(super) fn routes(api: Api, metrics: PrometheusHandle) -> Api {
    let open = Guard { failure: FailurePolicy::Open, ..Guard::public() };
    api.route(routes!(healthz), open)
        .route(routes!(readyz), open)
        .route(routes!(version), open)
        .route(routes!(show_metrics).layer(Extension(metrics)), Guard::metrics_token())
}

/// The service is up.
#[utoipa::path(get, path = "/healthz", tag = "system", responses((status = 200, description = "Up", body = String, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok"
}

/// The service is up and its database answers.
#[utoipa::path(get, path = "/readyz", tag = "system", responses((status = 200, description = "Ready", body = String, content_type = "text/plain")))]
async fn readyz(State(platform): State<Platform>) -> Result<&'static str> {
    platform.ping().await.map_err(Error::unavailable)?;
    Ok("ready")
}

/// What runs.
#[derive(Serialize, utoipa::ToSchema)]
#[expect(clippy::struct_field_names, reason = "the word on the wire")]
struct Version {
    /// The version.
    version: &'static str,
    /// The build profile, `release` or `debug`.
    build: &'static str,
    /// Which console it serves, by the hash of its sources; none when it was built without.
    console: Option<&'static str>,
}

/// The version of the service.
#[utoipa::path(get, path = "/api/system/version", tag = "system", responses((status = 200, body = Version)))]
async fn version() -> Json<Version> {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    Json(Version { version: env!("CARGO_PKG_VERSION"), build, console: super::console::STAMP })
}

/// Metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "system", responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")))]
async fn show_metrics(State(platform): State<Platform>, Extension(metrics): Extension<PrometheusHandle>) -> String {
    if let Err(error) = platform::signal::gauge_load(&platform).await {
        tracing::warn!(error = error.logged(), "the queue of jobs could not be read for the metrics");
    }
    metrics.render()
}

pub(super) fn openapi(document: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], document).into_response()
}

pub(super) async fn docs_root() -> Redirect {
    Redirect::permanent("/api/docs/index.html")
}

/// The browsable page: Swagger UI, embedded in the binary.
pub(super) async fn docs(Path(file): Path<String>) -> Result<Response> {
    let config = Arc::new(utoipa_swagger_ui::Config::from("/api/openapi.json"));
    let file = utoipa_swagger_ui::serve(&file, config)
        .map_err(|error| Error::internal("serving the API page", error.to_string()))?;
    let file = file.ok_or_else(|| Error::not_found("page"))?;
    let mut headers = HeaderMap::new();
    let kind =
        HeaderValue::from_str(&file.content_type).map_err(|error| Error::internal("serving the API page", error))?;
    headers.insert(header::CONTENT_TYPE, kind);
    // The page brings its own scripts and styles, and styles elements as it draws them.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok((headers, file.bytes.into_owned()).into_response())
}

/// The document's head: title, ways to sign in, the problems every route can answer with.
pub(super) fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Comptoir")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The front and back office of service businesses. Decimals are strings, instants RFC 3339."))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::new(platform::http::SESSION_COOKIE);
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let (name, schema) =
        (<Problem as utoipa::ToSchema>::name().into_owned(), <Problem as utoipa::PartialSchema>::schema());
    components.schemas.insert(name, schema);
    let mut schemas = Vec::new();
    <Problem as utoipa::ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for (name, about) in [
        ("BadRequest", "The request cannot be read."),
        ("Unauthenticated", "No live session."),
        ("Forbidden", "The permission named is missing."),
        ("NotFound", "It does not exist within the caller's scope."),
        ("Conflict", "The business or the present state says no."),
        ("Stale", "It was changed since the version that If-Match names."),
        ("StepRequired", "Something else has to be done first: a new password chosen."),
        ("Invalid", "A field's value cannot be accepted."),
        ("Throttled", "Too many requests."),
        ("Unavailable", "The service cannot answer now."),
    ] {
        let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
        let response = ResponseBuilder::new().description(about).content("application/problem+json", content).build();
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
    document
}
