//! The script a customer embeds on his landing page, and a page that shows it at work.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use platform::http::{Api, Guard};
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

/// A landing page of the demo tenant, to try the script by hand.
#[utoipa::path(get, path = "/demo/form", tag = "public", responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
async fn form() -> Response {
    let mut response = page("text/html; charset=utf-8", include_str!("form.html"));
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// The demo page's style.
#[utoipa::path(get, path = "/demo/form.css", tag = "public", responses((status = 200, description = "The style", body = String, content_type = "text/css")))]
async fn style() -> Response {
    page("text/css; charset=utf-8", include_str!("form.css"))
}

fn page(content_type: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
