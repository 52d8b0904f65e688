//! `comptoir serve`: the database, the workers and the listener, until told to stop.

mod door;
mod keeper;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kernel::SystemClock;
use platform::{Error, Platform, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::backup::{self, Backups};
use crate::config::Config;
use crate::postgres::ManagedPostgres;
use crate::runtime::{self, Database};
use crate::telemetry::{self, Telemetry};
use crate::{demo, http};

use door::{Door, Peer, Porter};

/// How long requests that are under way may take to finish after the signal to stop.
const DRAIN: Duration = Duration::from_secs(15);

/// How long the last signals and traces may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// Serves until SIGINT or SIGTERM.
pub async fn serve(config: &Config, with_demo: bool, telemetry: Telemetry) -> Result<()> {
    // The port first: whoever started us must learn within seconds that it is taken.
    let listener = listen(config.listen).await?;
    let metrics = telemetry::init_metrics();
    let (database, mut private) = if let Some(database) = Database::external(config) {
        (database, None)
    } else {
        let private = runtime::start_private(config).await?;
        (Database::private(private.endpoint()), Some(private))
    };
    let loaded =
        if with_demo { demo::load(config, &database, "demo", demo::USUAL_LEADS).await.map(|_| ()) } else { Ok(()) };
    let platform = match loaded {
        Ok(()) => runtime::measured(config, &database, Arc::clone(&telemetry.signals)).await,
        Err(error) => Err(error),
    };
    let served = match platform {
        Ok(platform) => {
            let backups =
                Backups::new(config, &database, Arc::new(SystemClock)).measured(Arc::clone(&telemetry.signals));
            let parts = Parts { platform, backups, metrics, telemetry, listener };
            Box::pin(run(config, parts, private.as_mut())).await
        }
        Err(error) => Err(error),
    };
    if let Some(private) = private {
        private.stop().await.map_err(|error| runtime::refused(&error))?;
    }
    served
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let detail = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!(
                    "Port {} of {} is taken by another program; choose another with --listen.",
                    address.port(),
                    address.ip()
                )
            }
            _ => format!("Cannot listen on {address}: {error}."),
        };
        Error::refused("cannot_listen", detail)
    })
}

/// What serves.
struct Parts {
    platform: Platform,
    backups: Backups,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    telemetry: Telemetry,
    listener: TcpListener,
}

async fn run(config: &Config, parts: Parts, private: Option<&mut ManagedPostgres>) -> Result<()> {
    let Parts { platform, backups, metrics, telemetry, listener } = parts;
    // Work ends first; what the open screens are told ends with the requests; what measures them ends last.
    let (stop, leave, closing) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let kept = tokio::spawn(platform::signal::keep(platform.clone(), closing.clone()));
    let exported = telemetry.export.map(|export| tokio::spawn(export.run(telemetry.signals, closing.clone())));
    let workers = tokio::spawn(platform::job::work(platform.clone(), usize::from(config.workers), stop.clone()));
    let live = tokio::spawn(platform::live::run(platform.clone(), leave.clone()));
    let built = http::build(&platform, metrics);
    let address = listener.local_addr().unwrap_or(config.listen);
    announce(config, address);
    let porter = Porter::default();
    let service = porter.guard(built.router).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(Door::new(listener, address, &porter), service);
    let server = tokio::spawn(server.with_graceful_shutdown(porter.clone().settled()).into_future());
    // A backup that is under way when the service stops ends with it, and counts as lost.
    let ended = tokio::select! {
        ended = wait_for_the_end() => ended,
        never = keeper::keep_up(private) => never,
        never = backup::keep_up(backups), if config.workers > 0 => match never {},
    };
    tracing::info!("stopping");
    stop.cancel();
    porter.turn_away();
    tokio::time::sleep(Duration::from_secs(config.drain_seconds.into())).await;
    porter.close();
    leave.cancel();
    let finished = tokio::time::timeout(DRAIN, async { (server.await, workers.await, live.await) }).await;
    if finished.is_err() {
        tracing::warn!("some requests or jobs did not finish in time");
    }
    // What the last of them changed is told to the screens that others serve.
    platform::live::flush(&platform).await;
    closing.cancel();
    let told = async { (kept.await, futures_util::future::OptionFuture::from(exported).await) };
    if tokio::time::timeout(FAREWELL, told).await.is_err() {
        tracing::warn!("the last signals or traces could not be handed over in time");
    }
    ended
}

fn announce(config: &Config, address: SocketAddr) {
    tracing::info!(%address, data_dir = %config.data_dir.display(), "serving");
    let url = config.reached_at(address);
    eprintln!("Comptoir serves on {url}");
    if http::console::STAMP.is_none() {
        eprintln!("  No console: when this binary was built, {}", http::console::MISSING);
    }
    eprintln!("  API, to browse:  {url}/api/docs/index.html");
    let password = demo::password_file(config);
    if password.exists() {
        eprintln!("  A landing page:  {url}/demo/form");
        eprintln!("  Sign in as {} with the password in {}", demo::ADMIN, password.display());
        eprintln!("  Mail without SMTP lands in {}", config.data_dir.join("mail").display());
    }
}

/// Returns at SIGINT or SIGTERM.
async fn wait_for_the_end() -> Result<()> {
    let watch = |kind| signal(kind).map_err(|error| Error::internal("watching for signals", error));
    let (mut interrupt, mut terminate) = (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
