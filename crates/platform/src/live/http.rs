//! The route of live updates.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;
use utoipa_axum::routes;

use super::stream::Stream;
use crate::http::{Api, Guard, session_token};
use crate::{Ctx, Result};

/// A stream without news says so often that it stands, to whatever lies between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(follow_changes), Guard::signed_in().fail_open())
}

/// Live updates of everything you may see, whatever the scope, as server-sent events: first `hello` with the service's
/// version, then `change` with the kinds of things that changed (`{"topics": ["delivery", "lead"]}`), and `refresh` when some
/// changes may have been missed. Hints without data: read again what you show. It ends with your session; at most 12 a user.
#[utoipa::path(get, path = "/api/live", tag = "live", responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream")))]
async fn follow_changes(ctx: Ctx, headers: HeaderMap) -> Result<Response> {
    let stream = Stream::open(&ctx, session_token(&headers, &Method::GET)?)?;
    let events = unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    });
    // Proxies that gather an answer before they pass it on must not gather this one.
    let unbuffered = [("x-accel-buffering", "no")];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
}
