//! Live updates: hints to the screens that are open that something of theirs has changed, for them to read it again.
//!
//! A commit leaves its hints in the hub of its process. What has gathered there is sent to every process with `pg_notify`, a
//! few times a second at most and never within a transaction of the business: transactions that notify wait for one another
//! when they commit. Every process listens on one connection of its own and tells the streams that are open there.
//!
//! Invariants: a hint names a tenant, an entity and a kind of thing, and never carries data; it reaches those only who may
//! see the entity.
//!
//! Failure policy: fail-open. A lost hint costs a screen its freshness and nothing else; whoever may have missed one is told
//! to read everything again (`refresh`).

pub mod http;
mod hub;
mod listen;
mod stream;
mod wire;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub(crate) use hub::Hub;

use crate::{Error, Platform, Result};

/// The kind of thing that jobs are, in hints as in events.
pub(crate) const JOB: &str = "job";

/// The kind of thing that mails are, in hints as in events.
pub(crate) const MAIL: &str = "mail";

/// Hints gather for so long before they are sent.
const GATHERING: Duration = Duration::from_millis(250);

/// Sending them takes no longer, on a connection that hangs neither.
const SENDING: Duration = Duration::from_secs(10);

/// Sends what gathers and listens for what others send, until `stop`; then the streams of this process end.
pub async fn run(platform: Platform, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = send(&platform) => {}
        () = listen::listen(&platform) => {}
    }
    platform.live().close();
}

/// Sends what has gathered; what cannot be sent waits for the next time. Whoever ends calls it last.
pub async fn flush(platform: &Platform) {
    let gathered = platform.live().take();
    if gathered.is_empty() {
        return;
    }
    let payloads = wire::payloads(&gathered);
    let sent = tokio::time::timeout(SENDING, notify(platform, &payloads)).await;
    if let Err(error) = sent.unwrap_or_else(|late| Err(Error::unavailable(late))) {
        tracing::warn!(error = error.logged(), "hints to open screens could not be sent");
        platform.live().put_back(gathered);
    }
}

async fn send(platform: &Platform) {
    loop {
        platform.live().gathered().await;
        flush(platform).await;
        tokio::time::sleep(GATHERING).await;
    }
}

async fn notify(platform: &Platform, payloads: &[String]) -> Result<()> {
    sqlx::query!("select pg_notify($1, payload) from unnest($2::text[]) payload", listen::CHANNEL, payloads)
        .fetch_all(platform.pool())
        .await?;
    Ok(())
}
