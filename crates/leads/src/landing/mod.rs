//! The script a customer embeds on his landing page, and a page that shows it at work.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use platform::http::{Api, Guard, Query};
use platform::{Error, Result};
use serde::Deserialize;
use utoipa_axum::routes;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(script), Guard::public())
        .route(routes!(form), Guard::public())
        .route(routes!(style), Guard::public())
}

/// The script for landing pages: session, visit, click, form start, lead.
#[utoipa::path(get, path = "/public/comptoir.js", tag = "public", responses((status = 200, description = "The script", body = String, content_type = "text/javascript")))]
async fn script() -> Response {
    let mut response = page("text/javascript; charset=utf-8", include_str!("comptoir.js"));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    // Pages of other origins embed it.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// Whose form the page shows.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FormQuery {
    /// The form's code; the demo's unless told.
    form: Option<String>,
    /// The tenant, by slug; the demo's unless told.
    tenant: Option<String>,
}

/// A landing page to try the script by hand, with any form.
#[utoipa::path(get, path = "/demo/form", tag = "public", params(FormQuery), responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
async fn form(Query(query): Query<FormQuery>) -> Result<Response> {
    let code = word("form", query.form)?.unwrap_or_else(|| "PV-001".to_owned());
    let tenant = word("tenant", query.tenant)?.unwrap_or_else(|| "demo".to_owned());
    let html = include_str!("form.html").replace("{form}", &code).replace("{tenant}", &tenant);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

/// What is put into the page must not need escaping there.
fn word(field: &'static str, text: Option<String>) -> Result<Option<String>> {
    let is_plain =
        |text: &String| text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    match text {
        Some(text) if !is_plain(&text) => Err(Error::bad_parameter(field, "must be letters, digits, - and _")),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

/// The demo page's style.
#[utoipa::path(get, path = "/demo/form.css", tag = "public", responses((status = 200, description = "The style", body = String, content_type = "text/css")))]
async fn style() -> Response {
    page("text/css; charset=utf-8", include_str!("form.css"))
}

fn page(content_type: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
