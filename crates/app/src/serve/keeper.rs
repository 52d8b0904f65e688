//! Keeping the private PostgreSQL up: when it ends by itself, as it does when the disk is full, it is started again.

use std::time::Duration;

use platform::Result;

use crate::postgres::ManagedPostgres;

/// The first pause before starting again; it doubles.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause: so long after the cause is gone it serves again at the latest.
const PAUSE_LIMIT: Duration = Duration::from_secs(10);

/// Starts the private PostgreSQL again whenever it ends, for ever; where there is none, waits for ever. Requests are answered with
/// 503 meanwhile.
pub(super) async fn keep_up(private: Option<&mut ManagedPostgres>) -> Result<()> {
    let Some(private) = private else { return std::future::pending().await };
    loop {
        let how = private.exited().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        tracing::error!(how, "the private PostgreSQL ended by itself; its log says why. It is started again");
        start_again(private).await;
        tracing::info!("the private PostgreSQL answers again");
    }
}

async fn start_again(private: &mut ManagedPostgres) {
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        match private.restart().await {
            Ok(()) => return,
            Err(error) => tracing::error!(%error, "the private PostgreSQL does not start; it is tried again"),
        }
        pause = (pause * 2).min(PAUSE_LIMIT);
    }
}
