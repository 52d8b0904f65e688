//! The connection on which this process hears what changed, here and elsewhere.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::hub::News;
use super::wire;
use crate::{Error, Platform, Result};

/// The channel of all processes over one database.
pub(super) const CHANNEL: &str = "comptoir_live";

/// A connection on which nothing was heard for so long is asked whether it still stands.
const PROBE_EVERY: Duration = Duration::from_secs(30);
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// The first pause before connecting again; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_LIMIT: Duration = Duration::from_secs(15);

/// Listens for ever; connects again whenever the connection is lost.
pub(super) async fn listen(platform: &Platform) {
    let mut pause = PAUSE;
    loop {
        match connect(platform).await {
            Ok(listener) => {
                pause = PAUSE;
                // What changed while nobody listened was not heard.
                platform.live().tell(News::Refresh);
                let lost = hear(platform, listener).await;
                tracing::warn!(error = lost.logged(), "the connection that hears what changed is lost");
            }
            Err(error) => tracing::warn!(error = error.logged(), "nothing hears what changed"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_LIMIT);
    }
}

/// Outside the pool, which lends its connections for a while only, and under a name of its own.
async fn connect(platform: &Platform) -> Result<PgListener> {
    let options = (*platform.pool().connect_options()).clone();
    let options = options.application_name(&format!("comptoir live {}", platform.options().worker_name));
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&own).await?;
    listener.ignore_pool_close_event(true);
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes on what is heard, until nothing can be heard any more.
async fn hear(platform: &Platform, mut listener: PgListener) -> Error {
    loop {
        let Ok(heard) = tokio::time::timeout(PROBE_EVERY, listener.try_recv()).await else {
            match probe(&mut listener).await {
                Ok(()) => continue,
                Err(error) => return error,
            }
        };
        match heard {
            Ok(Some(heard)) => platform.live().tell(News::Changed(wire::read(heard.payload()).into())),
            Ok(None) => return Error::unavailable("the server closed it"),
            Err(error) => return error.into(),
        }
    }
}

async fn probe(listener: &mut PgListener) -> Result<()> {
    let asked = sqlx::query("select 1").execute(listener);
    tokio::time::timeout(PROBE_LIMIT, asked).await.map_err(Error::unavailable)??;
    Ok(())
}
